import type { Experiment } from '@dualprior/core';
import { isFresh } from '../../networks/is-fresh.ts';

/** Roles of networks that, in the paper and in the official code, begin with what a prior of faces knows. By the type of the stage. */
const ROLES: Readonly<Record<string, readonly string[]>> = {
  'gan-inversion': ['generator', 'discriminator'],
  gfpgan: ['prior'],
  gpen: ['prior'],
};

/** Stages whose prior has neither weights of a file nor a stage that trained it, a line each. */
export function freshPriors(experiment: Experiment): string[] {
  return [...experiment.entries('stages')].flatMap(([name, { type }]) => {
    const references = experiment.networkRoles('stages', name);
    const fresh = (ROLES[type] ?? []).flatMap((role) => {
      const reference = references.get(role);
      return reference !== undefined && isFresh(experiment, reference) ? [reference] : [];
    });
    if (fresh.length === 0) return [];
    const begin = fresh.length > 1 ? 'begin' : 'begins';
    return [
      `Stage ${name} has no prior: ${fresh.join(' and ')} ${begin} with random weights, not trained on faces as the paper's.`,
    ];
  });
}
