import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import './gradients.ts';

/** x where positive, `slope` x elsewhere (Maas et al. 2013); `slope` is at most 1, its derivative at 0 is `slope`. */
export function leakyRelu<T extends Tensor>(x: T, slope: number): T {
  return tf.leakyRelu(x, slope);
}
