import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core';
import { AdamFamily } from './adam-family.ts';
import { adamOptions } from './adam-options.ts';
import { adamStep } from './adam-step.ts';
import { optimizers, type Vector } from './optimizer.ts';

const Options = adamOptions({ default: 0, description: 'times the parameters, added to the gradient (L2 penalty)' });

/** Adam (Kingma and Ba 2015) as PyTorch's `torch.optim.Adam`. */
@optimizers.component({ type: 'adam', description: 'Adam (Kingma and Ba 2015)', options: Options })
export class Adam extends AdamFamily {
  protected apply(parameters: Vector, gradient: Tensor1D, state: Map<string, Vector>, learningRate: Scalar): Tensor1D {
    const { weightDecay } = this.options;
    const penalised = weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(parameters, weightDecay));
    return tf.sub(parameters, adamStep(penalised as Tensor1D, state, learningRate, this.options));
  }
}
