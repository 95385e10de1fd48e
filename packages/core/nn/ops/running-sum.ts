import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { customGradient } from './custom-gradient.ts';

/**
 * Sums of all elements up to each one along an axis. (TensorFlow.js's own gradient of `cumsum` permutes the axes wrongly, except
 * where the last axis is summed.)
 *
 * @param reverse sums from each element to the end instead
 */
export function runningSum<T extends Tensor>(x: T, axis: number, reverse = false): T {
  return customGradient([x], (input) => ({
    value: tf.cumsum(input, axis, false, reverse),
    saved: [],
    gradient: (dy) => runningSum(dy, axis, !reverse),
  }));
}
