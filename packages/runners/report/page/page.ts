import { counted } from '@dualprior/core';
import { INPUT } from '../../evaluation/results.ts';
import type { Judgement } from '../claims/judge.ts';
import type { RunRecord } from '../report.ts';
import type { ClaimOverSeeds } from '../seeds/claims-over-seeds.ts';
import { claimsSection } from './claims-section.ts';
import { curvesSection } from './curves-section.ts';
import { demoSection } from './demo-section.ts';
import { detailsSection } from './details-section.ts';
import { wholePage } from './document.ts';
import { figuresSection } from './figures-section.ts';
import { ImageStore } from './image-store.ts';
import type { ComparisonSettings } from './settings.ts';
import { seedsSection } from './seeds-section.ts';
import { sliderSection } from './slider-section.ts';
import { stagesSection } from './stages-section.ts';
import { tableSection } from './table-section.ts';

/** What was compared, in a line. */
function leadOf({ experiment, results: { rows, note } }: RunRecord): string {
  const methods = rows.filter(({ method }) => method !== INPUT);
  if (methods.length === 0) return note;
  return `${counted(methods.length, 'method')} on "${experiment.config.evaluation?.data}", seed ${experiment.seed}`;
}

/** The whole of `report.html`. */
export async function reportPage(
  record: RunRecord,
  settings: ComparisonSettings,
  {
    judgements,
    overSeeds,
  }: { readonly judgements: readonly Judgement[]; readonly overSeeds: readonly ClaimOverSeeds[] },
): Promise<string> {
  const images = new ImageStore();
  const sections = [
    tableSection(record, settings.reference),
    claimsSection(judgements, record.results.columns),
    seedsSection(record.seeds, overSeeds),
    await sliderSection(record, images),
    demoSection(record),
    ...(await figuresSection(record, settings.figures, images)),
    curvesSection(record),
    await stagesSection(record, images),
    detailsSection(record),
  ].filter((section) => section !== undefined);
  return wholePage({
    kind: 'Experiment',
    title: record.experiment.name,
    lead: leadOf(record),
    sections,
    images,
  });
}
