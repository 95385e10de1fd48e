import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { MODULATE } from './modulate.ts';
import { hasOwnOperation } from './own-operation.ts';

/** Name of the engine's operation, where it has one. */
export const ATTENTION_GRADIENT = 'DualpriorAttentionGradient';

export interface Attended {
  /** A weight of each channel: (images, channels). */
  readonly attention: Tensor2D;
}

/** Channel attention: pixels (images n, channels) times the weights of their image. Without a gradient of its own. */
export function attend(x: Tensor2D, attention: Tensor2D): Tensor2D {
  if (!hasOwnOperation(MODULATE)) return spread(x, attention, (image, weights) => tf.mul(image, weights));
  const [images, channels] = attention.shape;
  const byImage = tf.reshape<tf.Rank.R3>(x, [images, -1, channels]);
  return tf.reshape(tf.engine().runKernel<Tensor3D>(MODULATE, { x: byImage, style: attention }), x.shape);
}

/** Gradient of the weights, where dy is that of the pixels attended to: sums of dy x over each image. */
export function attentionGradient(dy: Tensor2D, x: Tensor2D, attention: Tensor2D): Tensor2D {
  if (hasOwnOperation(ATTENTION_GRADIENT)) {
    return tf.engine().runKernel<Tensor2D>(ATTENTION_GRADIENT, { dy, x, attention });
  }
  const [images, channels] = attention.shape;
  return tf.sum(tf.reshape(tf.mul(dy, x), [images, -1, channels]), 1);
}

/** `combine` of (images, n, channels) and (images, 1, channels), as pixels again. */
export function spread(
  pixels: Tensor2D,
  weights: Tensor2D,
  combine: (images: Tensor3D, weights: Tensor3D) => Tensor3D,
): Tensor2D {
  const [images, channels] = weights.shape;
  const combined = combine(tf.reshape(pixels, [images, -1, channels]), tf.expandDims(weights, 1));
  return tf.reshape(combined, [-1, channels]);
}
