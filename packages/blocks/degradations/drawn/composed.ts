import type { Random } from '@dualprior/core';
import type { Degradation, Degrade } from '../degradation.ts';

/** One degradation after the other, each on what the one before made. All but the last see and make whole images. */
export function composed(degradations: readonly Degradation[], random: Random): Degrade {
  const steps = degradations.map((degradation) => degradation.bind(random));
  return async (sharp, stream, window, original = sharp) => {
    let image = sharp;
    for (const [i, step] of steps.entries()) {
      image = await step(image, stream, i === steps.length - 1 ? window : undefined, original);
    }
    return image;
  };
}
