import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';

/** NAFNet's SimpleGate: the first half of the channels times the second (Chen et al. 2022, equation 4). */
export function simpleGate(x: Tensor4D): Tensor4D {
  const [first, second] = tf.split(x, 2, 3) as [Tensor4D, Tensor4D];
  return tf.mul(first, second);
}
