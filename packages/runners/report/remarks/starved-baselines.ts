import type { Experiment } from '@dualprior/core';
import { count } from '../../evaluation/count.ts';
import { imagesAStep, type StageFacts } from '../../stages/stage-facts.ts';
import { stages } from '../../stages/stage.ts';
import { stagesBehind } from '../record/cost.ts';
import { isGenerative } from './generative.ts';
import { reports } from '../report.ts';
import { list } from './list.ts';

/** Training images that a stage sees, counting repeats; undefined where it does not say. */
type ImagesOf = (stage: string) => number | undefined;

/** As the stages' options say, before anything is trained. */
export function plannedImages(experiment: Experiment): ImagesOf {
  return (stage) => {
    const facts = stages.about(experiment.entry('stages', stage));
    return facts.iterations * imagesAStep(facts);
  };
}

/**
 * Rows that a claim compares with one that stands on the paper's stages 1 and 2, and that see fewer images, a line each. A generative row is
 * compared over all stages that either stands on, shared ones and priors too; another one, which stands on no prior, in its own training
 * with these two stages together.
 */
export function starvedBaselines(experiment: Experiment, imagesOf: ImagesOf): string[] {
  const found = new Map<string, string[]>();
  for (const [claim, method, other] of comparisons(experiment)) {
    if (stagesFor(experiment, method, isDualPrior).length === 0) continue;
    if (stagesFor(experiment, other, isDualPrior).length > 0) continue;
    const whole = isGenerative(experiment, other);
    const counted = whole ? () => true : isDualPrior;
    const dual = stagesFor(experiment, method, counted);
    const own = stagesFor(experiment, other, ({ purpose }) => whole || purpose !== 'prior');
    if (own.length === 0) continue;
    const [needed, seen] = [dual, own].map((names) => total(names, imagesOf));
    if (needed === undefined || seen === undefined || seen >= needed) continue;
    const line =
      `${other} sees ${count(seen)} training images (${own.join(', ')}), fewer than the ${count(needed)} ` +
      `that ${method} sees in ${list(dual)}: it may be behind for that alone`;
    found.set(line, [...new Set([...(found.get(line) ?? []), claim])]);
  }
  return [...found].map(([line, claims]) => `${line} (${claims.join(', ')}).`);
}

/** Both ways round, as either side of a claim may be the baseline; rows of the table only. */
function comparisons(experiment: Experiment): [claim: string, method: string, other: string][] {
  const { report } = experiment.config;
  if (!report) return [];
  const rows = experiment.entries('methods');
  return reports
    .about(report)
    .comparisons.flatMap(({ claim, methods, against }) =>
      methods
        .flatMap((a) => against.flatMap((b) => [[claim, a, b] as const, [claim, b, a] as const]))
        .flatMap(([name, a, b]): [string, string, string][] => (rows.has(a) && rows.has(b) ? [[name, a, b]] : [])),
    );
}

function isDualPrior({ purpose }: StageFacts): boolean {
  return purpose === 'dual-prior';
}

/** The stages behind a method of which this is true. */
function stagesFor(experiment: Experiment, method: string, wanted: (facts: StageFacts) => boolean): string[] {
  return stagesBehind(experiment, method).filter((stage) => wanted(stages.about(experiment.entry('stages', stage))));
}

function total(names: readonly string[], imagesOf: ImagesOf): number | undefined {
  const images = names.map(imagesOf);
  return images.includes(undefined) ? undefined : images.reduce((sum: number, each) => sum + each!, 0);
}
