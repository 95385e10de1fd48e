import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { hasOwnOperation } from './own-operation.ts';

/** Name of the engine's operation, where it has one. */
export const RESIDUAL = 'DualpriorResidual';

/** x + (y + bias) for pixels (n, channels). Without a gradient of its own: it is dy for both, its column sums for the bias. */
export function residual(x: Tensor2D, y: Tensor2D, bias: Tensor1D): Tensor2D {
  if (hasOwnOperation(RESIDUAL)) return tf.engine().runKernel<Tensor2D>(RESIDUAL, { x, y, bias });
  return tf.add(x, tf.add(y, bias));
}
