import type { Experiment } from '@dualprior/core';
import { isFresh } from '../../networks/is-fresh.ts';
import { stages } from '../../stages/stage.ts';

/** Stages whose prior has neither weights of a file nor a stage that trained it, a line each. */
export function freshPriors(experiment: Experiment): string[] {
  return [...experiment.entries('stages')].flatMap(([name, spec]) => {
    const { priors = [] } = stages.about(spec);
    const fresh = priors.filter((reference) => isFresh(experiment, reference));
    if (fresh.length === 0) return [];
    const begin = fresh.length > 1 ? 'begin' : 'begins';
    return [
      `Stage ${name} has no prior: ${fresh.join(' and ')} ${begin} with random weights, not trained on faces as the paper's.`,
    ];
  });
}
