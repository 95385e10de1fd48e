import { Kind } from '@dualprior/core';
import type { Tensor4D } from '@tensorflow/tfjs-core';

/** A way to restore images: one row of the table. */
export interface Method {
  /** Restores a batch: NHWC in [0, 1]. The caller wraps it in `tf.tidy`, or compiles it: a pure function of tensors and variables. */
  restore(degraded: Tensor4D): Tensor4D;
  /** Count of numbers in its networks. */
  readonly parameters: number;
  /** Image sides must be multiples of this. */
  readonly multiple: number;
}

export const methods = new Kind<Method>('method');
