import { Type } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { losses, weight, WeightedLoss } from './loss.ts';

const Options = Type.Object({ weight });

/** mean (prediction - target)^2. BasicSR:basicsr/losses/basic_loss.py, MSELoss. */
@losses.component({
  type: 'mse',
  description: 'mean squared error',
  options: Options,
  about: ({ weight }) => ({ weight }),
})
export class MseLoss extends WeightedLoss {
  protected formula(prediction: Tensor4D, target: Tensor4D): Scalar {
    return tf.mean(tf.square(tf.sub(prediction, target)));
  }
}
