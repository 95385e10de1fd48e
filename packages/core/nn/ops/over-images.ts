import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';

/** `combine` of (images, n, channels) and (images, 1, channels), as pixels again. */
export function overImages(
  pixels: Tensor2D,
  factors: Tensor2D,
  combine: (images: Tensor3D, factors: Tensor3D) => Tensor3D,
): Tensor2D {
  const combined = combine(byImage(pixels, factors.shape[0]), tf.expandDims(factors, 1));
  return tf.reshape(combined, pixels.shape);
}

/** (images n, channels) as (images, n, channels). */
export function byImage(pixels: Tensor2D, images: number): Tensor3D {
  return tf.reshape(pixels, [images, -1, pixels.shape[1]]);
}
