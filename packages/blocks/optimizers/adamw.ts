import * as tf from '@tensorflow/tfjs-core';
import type { Scalar } from '@tensorflow/tfjs-core';
import { AdamFamily, type Decay } from './adam/adam-family.ts';
import { adamOptions } from './adam/adam-options.ts';
import { optimizers } from './optimizer.ts';

const Options = adamOptions({
  default: 1e-2,
  description:
    'fraction of the parameters, times the learning rate, that each update subtracts (decoupled weight decay)',
});

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019) as PyTorch's `torch.optim.AdamW`. */
@optimizers.component({
  type: 'adamw',
  description: 'Adam with decoupled weight decay (Loshchilov and Hutter 2019)',
  options: Options,
})
export class AdamW extends AdamFamily {
  protected decay(learningRate: Scalar): Decay {
    return { kept: tf.sub(1, tf.mul(learningRate, this.options.weightDecay)), penalty: 0 };
  }
}
