import type { Random } from '@dualprior/core';
import type { Dataset } from '../dataset.ts';
import { pairAt, type Pair } from './pair-at.ts';
import { sampleBatch, type Batch, type Sampling } from './sample-batch.ts';

/** Makes samples of data sets that are prepared. Who makes them, and when, changes no number. */
export interface Sampler {
  /** See `sampleBatch`. */
  batch(dataset: Dataset, random: Random, sampling: Sampling): Promise<Batch>;
  /** See `pairAt`. */
  pair(dataset: Dataset, index: number): Promise<Pair>;
  /** To be called at the end. */
  close(): Promise<void>;
}

/** Makes them in the thread that asks. */
export const directSampler: Sampler = { batch: sampleBatch, pair: pairAt, close: async () => {} };
