import type { Experiment } from '@dualprior/core';

/** Stages of GFP-GAN and GPEN that go without what needs files of others: weights of a face network, landmarks. A line each. */
export function absentLosses(experiment: Experiment): string[] {
  return [...experiment.entries('stages')].flatMap(([name, { type, components }]) => {
    if (type !== 'gfpgan' && type !== 'gpen') return [];
    const losses = experiment.components('stages', name, 'loss');
    const absent: string[] = [];
    if (!losses.some((loss) => loss.type === 'identity' && loss['weights'])) {
      absent.push('the identity loss (no `identity.weights`)');
    }
    if (type === 'gfpgan' && !components) absent.push('the discriminators of eyes and mouth (no `components`)');
    return absent.length > 0
      ? [`Stage ${name} goes without what its authors also train with: ${absent.join(', ')}.`]
      : [];
  });
}
