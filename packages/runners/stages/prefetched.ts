import { Prefetcher, type Batch, type Dataset, type Sampling } from '@dualprior/blocks';
import { Random } from '@dualprior/core';
import type { StageContext } from './stage.ts';

/** Batches made ahead of training. */
const AHEAD = 2;

/** The batches of a stage's iterations, which follow from the experiment's seed. */
export function prefetched(
  { sampler, seed }: Pick<StageContext, 'sampler' | 'seed'>,
  { data, iterations }: { readonly data: Dataset; readonly iterations: number },
  sampling: Omit<Sampling, 'iteration'>,
): Prefetcher<Batch> {
  const random = new Random(seed);
  return new Prefetcher((iteration) => sampler.batch(data, random, { ...sampling, iteration }), AHEAD, iterations);
}
