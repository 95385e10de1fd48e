import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';

/**
 * What a kernel of `height` x `width` sees at each pixel of `x` (NHWC), which is padded by zeros so that there are as many pixels: (N H W, height
 * width C), in the order of a weight (height, width, C, out).
 */
export function patches(x: Tensor4D, height: number, width: number): Tensor2D {
  const [batch, rows, columns, channels] = x.shape;
  const border = (length: number): [number, number] => [(length - 1) / 2, (length - 1) / 2];
  const padded = tf.pad(x, [[0, 0], border(height), border(width), [0, 0]]);
  const seen = Array.from({ length: height * width }, (_, i) =>
    tf.slice(padded, [0, Math.floor(i / width), i % width, 0], [batch, rows, columns, channels]),
  );
  return tf.reshape(tf.concat(seen, 3), [batch * rows * columns, height * width * channels]);
}
