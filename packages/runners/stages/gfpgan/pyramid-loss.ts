import { halvedTo } from '@dualprior/blocks';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';

/** Images here are in [0, 1], the official ones in [-1, 1]: their absolute differences are twice as large. */
const RANGE = 2;

/** Sum over the images of the U-Net of the mean |image - sharp image of its size|, in the official range. */
export function pyramidLoss(pyramid: readonly Tensor4D[], sharp: Tensor4D): Scalar {
  const ofLevel = (image: Tensor4D): Scalar => {
    const difference = tf.sub(image, halvedTo(sharp, image.shape[1]));
    return tf.mean(tf.mul(difference, tf.sign(difference))); // whose gradient at 0 is 0
  };
  return tf.mul(tf.addN(pyramid.map(ofLevel)), RANGE);
}
