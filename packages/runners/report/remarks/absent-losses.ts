import type { ComponentSpec, Experiment } from '@dualprior/core';

/** Stages of compared methods that go without a loss of the official code, a line each. */
export function absentLosses(experiment: Experiment): string[] {
  return [...experiment.entries('stages')].flatMap(([name, { type, identity, components }]) => {
    if (type !== 'gfpgan' && type !== 'gpen') return [];
    const absent: string[] = [];
    if (!(identity as ComponentSpec)['weights']) absent.push('the identity loss (no `identity.weights`)');
    if (type === 'gfpgan' && !components) absent.push('the discriminators of eyes and mouth (no `components`)');
    return absent.length > 0
      ? [`Stage ${name} goes without what its authors also train with: ${absent.join(', ')}.`]
      : [];
  });
}
