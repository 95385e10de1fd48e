import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core';
import { AdamFamily } from './adam-family.ts';
import { adamOptions } from './adam-options.ts';
import { adamStep } from './adam-step.ts';
import { optimizers, type Vector } from './optimizer.ts';

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
export class AdamW extends AdamFamily {
  protected apply(parameters: Vector, gradient: Tensor1D, state: Map<string, Vector>, learningRate: Scalar): Tensor1D {
    const decayed = tf.mul(parameters, tf.sub(1, tf.mul(learningRate, this.options.weightDecay)));
    return tf.sub(decayed, adamStep(gradient, state, learningRate, this.options));
  }
}
