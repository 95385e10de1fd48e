import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Pair } from '../training/training-plan.ts';

/** x and y, x_R and x_G. */
export type DualPriorGiven = Pair & { readonly regressed: Tensor4D; readonly inverted: Tensor4D };
