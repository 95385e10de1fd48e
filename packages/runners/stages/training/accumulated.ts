import type { Batch } from '@dualprior/blocks';
import { flattened, UserError, type Parameters } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { TrainedNetwork } from '../../networks/trained-network.ts';
import type { Vector } from './network-in-training.ts';
import type { BatchOptions } from './progressive.ts';

/**
 * The mean of gradients of several batches, which takes the place of that of one large batch: losses are means over images. All but the last are
 * added up here; the last is added where the step is taken.
 */
export class AccumulatedGradient {
  readonly #sum: Vector;

  /** @param count of batches */
  constructor(
    private readonly parameters: Parameters,
    private readonly count: number,
  ) {
    this.#sum = tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R1>([parameters.count]), false));
  }

  /** @param begun 1 if batches of the same step have been added before, else 0 */
  add(gradient: readonly Tensor[], begun: Scalar): void {
    this.#sum.assign(tf.add(tf.mul(this.#sum, begun), flattened(gradient)));
  }

  /** @param last gradient of the last batch, in pieces as this is returned */
  mean(last: readonly Tensor[]): Tensor[] {
    const sums = this.parameters.pieces(this.#sum);
    return last.map((piece, i) => tf.div(tf.add(piece, sums[i]!), this.count));
  }

  dispose(): void {
    this.#sum.dispose();
  }
}

/** The images of a batch as so many batches, in their order. */
export function split(batch: Batch, count: number): Batch[] {
  const [images, ...shape] = batch.shape;
  const size = images / count;
  const pixels = batch.sharp.length / count;
  return Array.from({ length: count }, (_, i) => ({
    ...batch,
    degraded: batch.degraded.subarray(i * pixels, (i + 1) * pixels),
    ...(batch.blurs && { blurs: batch.blurs.slice(i * size, (i + 1) * size) }),
    sharp: batch.sharp.subarray(i * pixels, (i + 1) * pixels),
    shape: [size, ...shape],
    shown: batch.shown.slice(i * size, (i + 1) * size),
  }));
}

/** Errors: the network normalises over its batch, so that several small ones are not one large one. */
export function checkAccumulate({ reference, module }: TrainedNetwork, { accumulate }: BatchOptions): void {
  if (accumulate === undefined || module.buffers().size === 0) return;
  throw new UserError(
    `batch.accumulate is ${accumulate}, but "${reference}" has batch normalisation, whose statistics are those of each small batch. ` +
      'Leave it out, and give a larger batch.size instead.',
  );
}
