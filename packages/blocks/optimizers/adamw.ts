import type { Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core';
import { adamOptions } from './adam-options.ts';
import { adamState, adamStep } from './adam-step.ts';
import { clipNorm } from './clip-norm.ts';
import { optimizers, type Optimizer, type Vector } from './optimizer.ts';

const Options = adamOptions({
  default: 1e-2,
  description: 'part of the parameters, times the learning rate, that each update takes away, apart from the gradient',
});

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019) as PyTorch's `torch.optim.AdamW`. */
@optimizers.component({
  type: 'adamw',
  description: 'Adam with decoupled weight decay (Loshchilov and Hutter 2019)',
  options: Options,
})
export class AdamW implements Optimizer {
  constructor(private readonly options: Static<typeof Options>) {}

  learningRate(iteration: number, iterations: number): number {
    return this.options.schedule.at(this.options.learningRate, iteration, iterations);
  }

  state(count: number): Map<string, Vector> {
    return adamState(count);
  }

  update(parameters: Vector, gradient: Tensor1D, state: Map<string, Vector>, learningRate: Scalar): void {
    const { clipNorm: maximum, weightDecay } = this.options;
    tf.tidy(() => {
      const clipped = maximum === undefined ? gradient : clipNorm(gradient, maximum);
      const decayed = tf.mul(parameters, tf.sub(1, tf.mul(learningRate, weightDecay)));
      parameters.assign(tf.sub(decayed, adamStep(clipped, state, learningRate, this.options)));
    });
  }
}
