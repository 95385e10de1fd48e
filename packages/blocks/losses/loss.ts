import { Kind } from '@dualprior/core';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';

/** A loss between images: NHWC in [0, 1], of equal shapes. Pure, so that a step can be compiled. */
export interface Loss {
  compute(prediction: Tensor4D, target: Tensor4D): Scalar;
}

export const losses = new Kind<Loss>('loss');
