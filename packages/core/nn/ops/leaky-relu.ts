import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import './gradients.ts';

/** x where positive, `slope` x elsewhere (Maas et al. 2013); `slope` is at most 1, its derivative at 0 is `slope`. */
export function leakyRelu(x: Tensor4D, slope: number): Tensor4D {
  return tf.leakyRelu(x, slope);
}
