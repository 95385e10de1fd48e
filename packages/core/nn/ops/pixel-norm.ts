import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** x / sqrt(mean(x^2) + 1e-8), the mean over the last axis (Karras et al. 2018). */
export function pixelNorm<T extends Tensor>(x: T): T {
  return tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), 1e-8)));
}
