import { Prefetcher, type Batch, type Dataset, type Sampling } from '@dualprior/blocks';
import { Random } from '@dualprior/core';
import type { StageContext } from '../stage.ts';
import { drawAt, type BatchOptions } from './progressive.ts';

/** Batches made ahead of training. */
const AHEAD = 2;

/** The batches of a stage's iterations, which follow from the experiment's seed. Errors, by `get`: too many images cannot be read. */
export function prefetched(
  context: Pick<StageContext, 'sampler' | 'seed' | 'unreadable' | 'runtime'>,
  options: { readonly data: Dataset; readonly iterations: number; readonly batch: BatchOptions },
  how: Pick<Sampling, 'stream' | 'augment'>,
): Prefetcher<Batch> {
  const { data, iterations } = options;
  const { sampler } = context;
  const random = new Random(context.seed);
  const unreadable = context.unreadable.of('training', data);
  const onDevice = context.runtime.degrade === 'device';
  const make = async (iteration: number) => {
    const draw = drawAt(options.batch, iteration);
    const batch = await sampler.batch(data, random, {
      ...how,
      ...draw,
      iteration,
      onDevice,
      unreadable: unreadable.all,
    });
    unreadable.add(batch.unreadable);
    return batch;
  };
  return new Prefetcher(make, AHEAD, iterations);
}
