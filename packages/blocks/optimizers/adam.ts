import type { Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core';
import { adamOptions } from './adam-options.ts';
import { adamState, adamStep } from './adam-step.ts';
import { clipNorm } from './clip-norm.ts';
import { optimizers, type Optimizer, type Vector } from './optimizer.ts';

const Options = adamOptions({ default: 0, description: 'times the parameters, added to the gradient (L2 penalty)' });

/** Adam (Kingma and Ba 2015) as PyTorch's `torch.optim.Adam`. */
@optimizers.component({ type: 'adam', description: 'Adam (Kingma and Ba 2015)', options: Options })
export class Adam implements Optimizer {
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
      const penalised = weightDecay === 0 ? clipped : tf.add(clipped, tf.mul(parameters, weightDecay));
      parameters.assign(tf.sub(parameters, adamStep(penalised as Tensor1D, state, learningRate, this.options)));
    });
  }
}
