import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';

/** Mean over the pixels of every channel: (N, H, W, C) becomes (N, 1, 1, C). */
export function globalAveragePool(x: Tensor4D): Tensor4D {
  return tf.mean(x, [1, 2], true);
}
