import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D } from '@tensorflow/tfjs-core';

/**
 * `size` values of a vector from `begin` on. Not by `tf.tidy`: it looks for tensors in all that it returns, so that an array of numbers takes it
 * seconds for a million, and more than 2^24 different ones are too many for its set.
 */
export function valuesOf(vector: Tensor1D, begin: number, size: number): Float32Array {
  const part = tf.slice(vector, [begin], [size]);
  try {
    return part.dataSync<'float32'>();
  } finally {
    part.dispose();
  }
}
