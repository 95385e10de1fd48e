import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** |x| as x sign(x), so that the gradient at 0 is 0, as in PyTorch; that of `tf.abs` is -1 there. */
export function absolute<T extends Tensor>(x: T): T {
  return tf.mul(x, tf.sign(x));
}
