import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { hasOwnOperation } from './own-operation.ts';
import { byIndex } from './tensor-list.ts';

/** Name of the engine's operation, where it has one. */
export const GRADIENT_NORM = 'DualpriorGradientNorm';

/** Square root of the sum of the squares of all numbers of some tensors. */
export function gradientNorm(gradient: readonly Tensor[]): Scalar {
  if (hasOwnOperation(GRADIENT_NORM)) {
    return tf.engine().runKernel<Scalar>(GRADIENT_NORM, byIndex(gradient));
  }
  return tf.sqrt(tf.addN<Scalar>(gradient.map((tensor) => tf.sum<Scalar>(tf.square(tensor)))));
}
