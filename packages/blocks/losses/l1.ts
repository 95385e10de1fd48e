import { absolute } from '@dualprior/core/nn';
import { Type } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { losses, weight, WeightedLoss } from './loss.ts';

const Options = Type.Object({ weight });

/** mean |prediction - target|; its gradient is 0 where both are equal. BasicSR:basicsr/losses/basic_loss.py, L1Loss. */
@losses.component({
  type: 'l1',
  description: 'mean absolute error',
  options: Options,
  about: ({ weight }) => ({ weight }),
})
export class L1Loss extends WeightedLoss {
  protected formula(prediction: Tensor4D, target: Tensor4D): Scalar {
    return tf.mean(absolute(tf.sub(prediction, target)));
  }
}
