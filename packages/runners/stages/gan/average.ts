import { emaWarnings } from '@dualprior/blocks';
import { Type, type Static } from '@sinclair/typebox';

/** The option `ema` of a GAN. */
export const averageOption = Type.Object(
  {
    halfLife: Type.Number({
      exclusiveMinimum: 0,
      default: 10_000,
      description: 'half-life of the average of the generator, which other stages and methods use, in images',
    }),
    rampUp: Type.Number({
      minimum: 0,
      default: 0.05,
      description: 'the half-life is at most this fraction of the images shown so far (StyleGAN2-ADA); 0: no limit',
    }),
  },
  { default: {}, additionalProperties: false },
);

type Average = Static<typeof averageOption>;

/** The part of the average that an iteration keeps, so that half is left after `halfLife` images. */
export function decayOf({ halfLife, rampUp }: Average, batch: number, iteration: number): number {
  const limit = rampUp > 0 ? iteration * batch * rampUp : Infinity;
  return 0.5 ** (batch / Math.min(halfLife, limit));
}

/** With a ramp-up the average forgets the initial weights at once. */
export function averageWarnings(
  { halfLife, rampUp }: Average,
  batch: number,
  iterations: number,
  fresh: boolean,
): string[] {
  return emaWarnings(rampUp > 0 ? 0 : 0.5 ** (batch / halfLife), iterations, fresh);
}
