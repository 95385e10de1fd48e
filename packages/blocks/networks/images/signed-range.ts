import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';

/** From [0, 1], in which images are, to [-1, 1], in which the StyleGAN family lives. */
export function toSigned(image: Tensor4D): Tensor4D {
  return tf.sub(tf.mul(image, 2), 1);
}

/** From [-1, 1] to [0, 1]. */
export function toUnit(image: Tensor4D): Tensor4D {
  return tf.div(tf.add(image, 1), 2);
}
