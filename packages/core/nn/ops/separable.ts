import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';

/**
 * Images (N, H, W, C) of which each new row is a weighted sum of rows, and each new column one of columns: with `rows` (h, H) and
 * `columns` (w, W) they become (N, h, w, C). Two products with matrices, so gradients of any order are right.
 */
export function separable(x: Tensor4D, rows: Tensor2D, columns: Tensor2D): Tensor4D {
  const [batch, , , channels] = x.shape;
  const [height, width] = [rows.shape[0], columns.shape[0]];
  const planes = tf.transpose(x, [0, 3, 1, 2]); // N, C, H, W
  const narrow = tf.matMul(tf.reshape(planes, [-1, x.shape[2]]), columns, false, true);
  const turned = tf.transpose(tf.reshape(narrow, [batch, channels, x.shape[1], width]), [0, 3, 1, 2]); // N, w, C, H
  const small = tf.matMul(tf.reshape(turned, [-1, x.shape[1]]), rows, false, true);
  return tf.transpose(tf.reshape(small, [batch, width, channels, height]), [0, 3, 1, 2]);
}
