import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { hasOwnOperation } from './own-operation.ts';

/** Name of the engine's operation, where it has one. */
export const COLUMN_SUMS = 'DualpriorColumnSums';

/** Sums over the rows: (n, c) to (c). Without a gradient of its own. */
export function columnSums(x: Tensor2D): Tensor1D {
  if (hasOwnOperation(COLUMN_SUMS)) return tf.engine().runKernel<Tensor1D>(COLUMN_SUMS, { x });
  return tf.sum(x, 0);
}
