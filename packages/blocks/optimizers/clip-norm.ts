import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core';

/** gradient * min(1, maximum / (|gradient| + 1e-6)), as `torch.nn.utils.clip_grad_norm_` of a whole parameter group. */
export function clipNorm(gradient: Tensor1D, maximum: number): Tensor1D {
  const norm = tf.sqrt(tf.sum<Scalar>(tf.square(gradient)));
  return tf.mul(gradient, tf.minimum(1, tf.div(maximum, tf.add(norm, 1e-6))));
}
