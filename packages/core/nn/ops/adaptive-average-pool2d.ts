import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { fixed } from '../fixed.ts';
import { separable } from './separable.ts';

/**
 * `torch.nn.AdaptiveAvgPool2d` on NHWC: new pixel i is the mean of the old ones from floor(i from / to) up to, without,
 * ceil((i + 1) from / to). The windows overlap where the sides are no multiples; a larger image repeats pixels.
 */
export function adaptiveAveragePool2d(x: Tensor4D, height: number, width: number): Tensor4D {
  return separable(x, windows(x.shape[1], height), windows(x.shape[2], width));
}

function windows(from: number, to: number): Tensor2D {
  const rows = Array.from({ length: to }, (_, i) => {
    const [begin, end] = [Math.floor((i * from) / to), Math.ceil(((i + 1) * from) / to)];
    return Array.from({ length: from }, (_, j) => (j >= begin && j < end ? 1 / (end - begin) : 0));
  });
  return fixed(() => tf.tensor2d(rows, [to, from]));
}
