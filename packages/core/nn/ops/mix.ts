import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core';
import { hasOwnOperation } from './own-operation.ts';

/** Name of the engine's operation, where it has one. */
export const MIX = 'DualpriorMix';

/** part a + (1 - part) b. */
export function mix(a: Tensor1D, b: Tensor1D, part: Scalar): Tensor1D {
  if (hasOwnOperation(MIX)) return tf.engine().runKernel<Tensor1D>(MIX, { a, b, part });
  return tf.add(tf.mul(a, part), tf.mul(b, tf.sub(1, part)));
}
