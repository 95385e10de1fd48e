import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * Sums of all elements up to each one along an axis. (TensorFlow.js's own gradient of `cumsum` permutes the axes wrongly, except
 * where the last axis is summed.)
 *
 * @param reverse sums from each element to the end instead
 */
export function runningSum<T extends Tensor>(x: T, axis: number, reverse = false): T {
  const compute = tf.customGrad((input) => ({
    value: tf.cumsum(input as Tensor, axis, false, reverse),
    gradFunc: (dy) => runningSum(dy, axis, !reverse),
  }));
  return compute(x) as T;
}
