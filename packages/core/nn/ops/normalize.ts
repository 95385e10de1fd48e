import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';

/** (x - mean) / sqrt(variance + epsilon), mean and (biased) variance over the given axes. */
export function normalize(x: Tensor4D, axes: number[], epsilon: number): Tensor4D {
  const centred = tf.sub(x, tf.mean(x, axes, true));
  const variance = tf.mean(tf.square(centred), axes, true);
  return tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon)));
}
