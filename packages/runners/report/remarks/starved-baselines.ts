import type { Experiment } from '@dualprior/core';
import { count } from '../../evaluation/count.ts';
import type { ComparisonSettings } from '../page/settings.ts';
import { stagesBehind } from '../record/cost.ts';

/** Types of the paper's stages 1 and 2. */
const DUAL_PRIOR = ['gan-inversion', 'fusion'];
/** Type of a stage that sees no degraded images: a prior, which several rows may begin with. */
const PRIOR = 'gan';

/** Training images that a stage sees, counting repeats; undefined where it does not say. */
export type ImagesOf = (stage: string) => number | undefined;

/** As the stages' options say, before anything is trained. */
export function plannedImages(experiment: Experiment): ImagesOf {
  return (stage) => {
    const { iterations, batch } = experiment.entry('stages', stage) as {
      readonly iterations?: number;
      readonly batch?: { readonly size?: number };
    };
    return iterations === undefined || batch?.size === undefined ? undefined : iterations * batch.size;
  };
}

/**
 * Rows that a claim compares with one that stands on the paper's stages 1 and 2, and that see fewer images in their own training (that of
 * a prior aside) than these two stages together, a line each.
 */
export function starvedBaselines(experiment: Experiment, imagesOf: ImagesOf): string[] {
  const found = new Map<string, string[]>();
  for (const [claim, method, other] of comparisons(experiment)) {
    const [dual, own] = [
      ofTypes(experiment, method, isDualPrior),
      ofTypes(experiment, other, (type) => type !== PRIOR),
    ];
    if (dual.length === 0 || own.length === 0 || ofTypes(experiment, other, isDualPrior).length > 0) continue;
    const [needed, seen] = [dual, own].map((stages) => total(stages, imagesOf));
    if (needed === undefined || seen === undefined || seen >= needed) continue;
    const line =
      `${other} sees ${count(seen)} training images (${own.join(', ')}), fewer than the ${count(needed)} ` +
      `that ${method} sees in ${dual.join(' and ')}: it may be behind for that alone`;
    found.set(line, [...new Set([...(found.get(line) ?? []), claim])]);
  }
  return [...found].map(([line, claims]) => `${line} (${claims.join(', ')}).`);
}

/** Both ways round, as either side of a claim may be the baseline; rows of the table only. */
function comparisons(experiment: Experiment): [claim: string, method: string, other: string][] {
  const { report } = experiment.config;
  if (report?.type !== 'comparison') return [];
  const rows = experiment.entries('methods');
  return Object.entries((report as unknown as ComparisonSettings).claims).flatMap(([claim, { methods, against }]) =>
    methods
      .flatMap((a) => against.flatMap((b) => [[claim, a, b] as const, [claim, b, a] as const]))
      .flatMap(([name, a, b]): [string, string, string][] => (rows.has(a) && rows.has(b) ? [[name, a, b]] : [])),
  );
}

function isDualPrior(type: string): boolean {
  return DUAL_PRIOR.includes(type);
}

function ofTypes(experiment: Experiment, method: string, wanted: (type: string) => boolean): string[] {
  return stagesBehind(experiment, method).filter((stage) => wanted(experiment.entry('stages', stage).type));
}

function total(stages: readonly string[], imagesOf: ImagesOf): number | undefined {
  const images = stages.map(imagesOf);
  return images.includes(undefined) ? undefined : images.reduce((sum: number, each) => sum + each!, 0);
}
