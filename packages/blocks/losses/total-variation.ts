import { absolute } from '@dualprior/core/nn';
import { Type } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { losses, weight, WeightedLoss } from './loss.ts';

const Options = Type.Object({ weight });

/**
 * mean |difference of vertical neighbours| + mean |difference of horizontal neighbours| of the prediction; the
 * target plays no part. Images of at least 2x2. BasicSR:basicsr/losses/basic_loss.py, WeightedTVLoss.
 */
@losses.component({
  type: 'total-variation',
  description: 'mean absolute difference of neighbouring pixels of the prediction, a regulariser',
  options: Options,
  about: ({ weight }) => ({ weight }),
})
export class TotalVariationLoss extends WeightedLoss {
  protected formula(prediction: Tensor4D): Scalar {
    return tf.add(variation(prediction, 1), variation(prediction, 2));
  }
}

/** Mean absolute difference of neighbours along an axis. */
function variation(image: Tensor4D, axis: 1 | 2): Scalar {
  const length = image.shape[axis];
  const [first] = tf.split(image, [length - 1, 1], axis) as [Tensor4D, Tensor4D];
  const [, second] = tf.split(image, [1, length - 1], axis) as [Tensor4D, Tensor4D];
  return tf.mean(absolute(tf.sub(second, first)));
}
