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
    return Math.round(facts.iterations * imagesAStep(facts));
  };
}

/**
 * Rows that a claim compares with one that depends on the paper's stages 1 and 2, and that see fewer images: a line for all rows that are compared
 * with the same one over the same stages. A generative row is
 * compared over all stages that either depends on, shared ones and priors too; another one, which depends on no prior, in its own training
 * with these two stages together.
 */
export function starvedBaselines(experiment: Experiment, imagesOf: ImagesOf): string[] {
  const found = new Map<string, Starved>();
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
    const more = `the ${count(needed)} that ${method} sees in ${list(dual)}`;
    const { rows, claims } = found.get(more) ?? { rows: new Map<string, Seen>(), claims: new Set<string>() };
    found.set(more, { rows: rows.set(other, { images: count(seen), stages: own }), claims: claims.add(claim) });
  }
  return [...found].map(([more, starved]) => describe(more, starved));
}

/** What a row has seen. */
interface Seen {
  readonly images: string;
  readonly stages: readonly string[];
}

/** Rows that have seen fewer images than another one, and the claims that compare them. */
interface Starved {
  readonly rows: Map<string, Seen>;
  readonly claims: Set<string>;
}

function describe(more: string, { rows, claims }: Starved): string {
  const of = `(${[...claims].join(', ')})`;
  const [[row, { images, stages: own }]] = [...rows] as [[string, Seen]];
  if (rows.size === 1)
    return `${row} sees ${images} training images (${own.join(', ')}), fewer than ${more}: it may be behind for that alone ${of}.`;
  const each = [...rows].map(([name, seen]) => `${name} (${seen.images} in ${list(seen.stages)})`);
  return `${list(each)} see fewer training images than ${more}: they may be behind for that alone ${of}.`;
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
