import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { losses, type Loss } from './loss.ts';
import { weight } from './weight.ts';

const Options = Type.Object({ weight });

/** weight * mean (prediction - target)^2. BasicSR:basicsr/losses/basic_loss.py, MSELoss. */
@losses.component({
  type: 'mse',
  description: 'mean squared error',
  options: Options,
  about: ({ weight }) => ({ weight }),
})
export class MseLoss implements Loss {
  constructor(private readonly options: Static<typeof Options>) {}

  compute(prediction: Tensor4D, target: Tensor4D): Scalar {
    return tf.mul(this.options.weight, tf.mean(tf.square(tf.sub(prediction, target))));
  }
}
