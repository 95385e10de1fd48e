import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D } from '@tensorflow/tfjs-core';

/** Another seed (int32, shape (2)) for each number and for each seed. */
export function numbered(seed: Tensor1D, number: number): Tensor1D {
  return tf.add(tf.mul(seed, tf.tensor1d([1, 8], 'int32')), tf.tensor1d([0, number], 'int32'));
}
