import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { losses, weight, WeightedLoss } from './loss.ts';

const Options = Type.Object({
  toY: Type.Boolean({ default: false, description: 'compare the luma of BT.601 (Y of YCbCr) instead of RGB' }),
  weight,
});

const SCALE = 10 / Math.log(10);
const EPSILON = 1e-8;
/** Y of RGB in [0, 1], over 255 (BT.601, limited range); the offset 16 cancels in a difference. */
const LUMA = [65.481 / 255, 128.553 / 255, 24.966 / 255];

/**
 * The negative PSNR in decibels: 10 / ln 10 * mean over images of ln(MSE of the image + 1e-8).
 * At best -80 (equal images). NAFNet:basicsr/models/losses/losses.py, PSNRLoss.
 */
@losses.component({
  type: 'psnr',
  description: 'negative PSNR of each image, as NAFNet and HINet are trained (Chen et al. 2021)',
  options: Options,
  about: ({ weight }) => ({ weight }),
})
export class PsnrLoss extends WeightedLoss {
  constructor(private readonly options: Static<typeof Options>) {
    super(options);
  }

  protected formula(prediction: Tensor4D, target: Tensor4D): Scalar {
    const difference: Tensor4D = tf.sub(prediction, target);
    const error = this.options.toY ? luma(difference) : difference;
    const mse = tf.mean<Tensor1D>(tf.square(error), [1, 2, 3]);
    return tf.mul(SCALE, tf.mean(tf.log(tf.add(mse, EPSILON))));
  }
}

function luma(difference: Tensor4D): Tensor4D {
  return tf.sum<Tensor4D>(tf.mul(difference, LUMA), 3, true);
}
