import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';

/**
 * `torch.nn.PixelShuffle` on NHWC: (N, H, W, C r r) becomes (N, H r, W r, C). Channel `c r r + dy r + dx` goes to pixel
 * (dy, dx) of its block (Shi et al. 2016); TensorFlow's `depthToSpace` has another order.
 */
export function pixelShuffle(x: Tensor4D, factor: number): Tensor4D {
  const [batch, height, width, depth] = x.shape;
  const channels = depth / factor ** 2;
  const blocks = tf.reshape(x, [batch * height, width, channels, factor, factor]);
  const rows = tf.transpose(blocks, [0, 3, 1, 4, 2]);
  return tf.reshape(rows, [batch, height * factor, width * factor, channels]);
}

/** `torch.nn.PixelUnshuffle` on NHWC, the inverse: (N, H r, W r, C) becomes (N, H, W, C r r). Sides must be multiples of `factor`. */
export function pixelUnshuffle(x: Tensor4D, factor: number): Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const [rows, columns] = [height / factor, width / factor];
  const blocks = tf.reshape(x, [batch * rows, factor, columns, factor, channels]);
  const pixels = tf.transpose(blocks, [0, 2, 4, 1, 3]);
  return tf.reshape(pixels, [batch, rows, columns, channels * factor ** 2]);
}
