import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { fixed } from '../fixed.ts';

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

/**
 * Images (N, H, W, C) of which each new row is a weighted sum of rows, and each new column one of columns: with `rows` (h, H) and
 * `columns` (w, W) they become (N, h, w, C). Two products with matrices, so gradients of any order are right.
 */
function separable(x: Tensor4D, rows: Tensor2D, columns: Tensor2D): Tensor4D {
  const [batch, , , channels] = x.shape;
  const [height, width] = [rows.shape[0], columns.shape[0]];
  const planes = tf.transpose(x, [0, 3, 1, 2]); // N, C, H, W
  const narrow = tf.matMul(tf.reshape(planes, [-1, x.shape[2]]), columns, false, true);
  const turned = tf.transpose(tf.reshape(narrow, [batch, channels, x.shape[1], width]), [0, 3, 1, 2]); // N, w, C, H
  const small = tf.matMul(tf.reshape(turned, [-1, x.shape[1]]), rows, false, true);
  return tf.transpose(tf.reshape(small, [batch, width, channels, height]), [0, 3, 1, 2]);
}
