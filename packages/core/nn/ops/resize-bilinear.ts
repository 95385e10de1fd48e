import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';

/**
 * Bilinear interpolation of images (NHWC), `torch.nn.functional.interpolate` without anti-aliasing. Corners are pixel edges by default
 * (half-pixel centres, `align_corners=False`), or the centres of the corner pixels. It is two products with matrices, so that gradients
 * of any order are right (TensorFlow.js's own ignores the half-pixel centres in its gradient).
 */
export function resizeBilinear(x: Tensor4D, height: number, width: number, alignCorners = false): Tensor4D {
  const [batch, fromHeight, fromWidth, channels] = x.shape;
  let y: Tensor = x;
  if (height !== fromHeight) {
    const columns = tf.reshape(y, [batch, fromHeight, fromWidth * channels]);
    y = tf.matMul(repeated(interpolation(fromHeight, height, alignCorners), batch), columns as Tensor3D);
  }
  if (width !== fromWidth) {
    const rows = tf.reshape(y, [batch * height, fromWidth, channels]);
    y = tf.matMul(repeated(interpolation(fromWidth, width, alignCorners), batch * height), rows as Tensor3D);
  }
  return tf.reshape(y, [batch, height, width, channels]);
}

/** The matrix (to, from): row i holds what each pixel gives to the new pixel i, max(0, 1 - distance), edges repeated. */
function interpolation(from: number, to: number, alignCorners: boolean): Tensor2D {
  const index = tf.range(0, to);
  const position = alignCorners
    ? tf.mul(index, to > 1 ? (from - 1) / (to - 1) : 0)
    : tf.sub(tf.mul(tf.add(index, 0.5), from / to), 0.5);
  const inside = tf.clipByValue(position, 0, from - 1);
  const distance = tf.abs(tf.sub(tf.reshape(inside, [to, 1]), tf.reshape(tf.range(0, from), [1, from])));
  return tf.relu(tf.sub<Tensor2D>(1, distance));
}

function repeated(matrix: Tensor2D, times: number): Tensor3D {
  return tf.tile(tf.reshape(matrix, [1, ...matrix.shape]), [times, 1, 1]);
}
