import { adam, gradientNorm } from '@dualprior/core';
import type { Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { adamOptions } from './adam-options.ts';
import type { Optimizer, Vector } from '../optimizer.ts';

type AdamOptions = Static<ReturnType<typeof adamOptions>>;

/** How a rule makes weights smaller. */
export interface Decay {
  /** The part of the weights that an update keeps, apart from the gradient. */
  readonly kept: Scalar;
  /** Times the weights, added to the gradient. */
  readonly penalty: number;
}

/**
 * What Adam and AdamW share: schedule, state, clipping and the rule; they differ in the decay of the weights. All parameters take every
 * step. One that the loss does not depend on (path lengths and the biases of RGB layers) has a gradient of zeros, and its running means
 * decay; in PyTorch this is so where `zero_grad` fills gradients with zeros, as it did before version 2.0, and else such a parameter is
 * left out.
 */
export abstract class AdamFamily implements Optimizer {
  constructor(protected readonly options: AdamOptions) {}

  learningRate(iteration: number, iterations: number): number {
    return this.options.schedule.at(this.options.learningRate, iteration, iterations);
  }

  warnings(iterations: number): string[] {
    const { schedule, learningRate } = this.options;
    return schedule.warnings?.(learningRate, iterations) ?? [];
  }

  /** Running means of the gradient and of its square, and the count of updates, all zero at the start. */
  state(count: number): Map<string, Vector> {
    const zeros = (length: number) => tf.tidy(() => tf.variable(tf.zeros<tf.Rank.R1>([length]), false));
    return new Map([
      ['exp_avg', zeros(count)],
      ['exp_avg_sq', zeros(count)],
      ['step', zeros(1)],
    ]);
  }

  /**
   * The mean of squares: it is infinite or NaN where a gradient is, or too large to be squared (the weights would then just stay as they
   * are); where it is finite, the change of a weight is too.
   */
  witnesses(state: ReadonlyMap<string, Vector>): Vector[] {
    return [state.get('exp_avg_sq')!];
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

  update(parameters: Vector, gradient: readonly Tensor[], state: Map<string, Vector>, learningRate: Scalar): void {
    const { clipNorm, betas, epsilon } = this.options;
    const [mean, meanSquare, count] = ['exp_avg', 'exp_avg_sq', 'step'].map((name) => state.get(name)!) as [
      Vector,
      Vector,
      Vector,
    ];
    tf.tidy(() => {
      const { kept, penalty } = this.decay(learningRate);
      const scale = clipNorm === undefined ? tf.scalar(1) : clipFactor(gradient, clipNorm);
      const step = tf.add<tf.Tensor1D>(count, 1);
      const vectors = { weights: parameters, mean, meanSquare };
      const next = adam(vectors, gradient, { betas, epsilon, penalty }, { scale, kept, learningRate, step });
      parameters.assign(next.weights);
      mean.assign(next.mean);
      meanSquare.assign(next.meanSquare);
      count.assign(step);
    });
  }

  protected abstract decay(learningRate: Scalar): Decay;
}

/** min(1, maximum / (|gradient| + 1e-6)): what `torch.nn.utils.clip_grad_norm_` leaves of the gradient of a whole parameter group. */
export function clipFactor(gradient: readonly Tensor[], maximum: number): Scalar {
  return tf.minimum(1, tf.div(maximum, tf.add(gradientNorm(gradient), 1e-6)));
}
