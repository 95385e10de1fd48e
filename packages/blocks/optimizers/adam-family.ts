import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { Static } from '@sinclair/typebox';
import type { adamOptions } from './adam-options.ts';
import { adamState } from './adam-step.ts';
import { clipNorm } from './clip-norm.ts';
import type { Optimizer, Vector } from './optimizer.ts';

export type AdamOptions = Static<ReturnType<typeof adamOptions>>;

/** What Adam and AdamW share: schedule, state and clipping; they differ in `apply`. */
export abstract class AdamFamily implements Optimizer {
  constructor(protected readonly options: AdamOptions) {}

  learningRate(iteration: number, iterations: number): number {
    return this.options.schedule.at(this.options.learningRate, iteration, iterations);
  }

  state(count: number): Map<string, Vector> {
    return adamState(count);
  }

  slowed(ratio: number): Optimizer {
    const { learningRate, betas } = this.options;
    const own = this.constructor as new (options: AdamOptions) => AdamFamily;
    const [mean, square] = betas;
    return new own({
      ...this.options,
      learningRate: learningRate * ratio,
      betas: [mean ** ratio, square ** ratio],
    });
  }

  update(parameters: Vector, gradient: Tensor1D, state: Map<string, Vector>, learningRate: Scalar): void {
    const { clipNorm: maximum } = this.options;
    tf.tidy(() => {
      const clipped = maximum === undefined ? gradient : clipNorm(gradient, maximum);
      parameters.assign(this.apply(parameters, clipped, state, learningRate));
    });
  }

  /** The parameters after the update, from the clipped gradient. */
  protected abstract apply(
    parameters: Vector,
    gradient: Tensor1D,
    state: Map<string, Vector>,
    learningRate: Scalar,
  ): Tensor1D;
}
