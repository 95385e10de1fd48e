import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { hasOwnOperation } from './own-operation.ts';

/** Names of the engine's operations, where it has them. */
export const ATTEND = 'DualpriorAttend';
export const ATTENTION_GRADIENT = 'DualpriorAttentionGradient';

export interface Attended {
  /** A weight of each channel: (images, channels). */
  readonly attention: Tensor2D;
}

/** Channel attention: pixels (images n, channels) times the weights of their image. Without a gradient of its own. */
export function attend(x: Tensor2D, attention: Tensor2D): Tensor2D {
  if (hasOwnOperation(ATTEND)) return tf.engine().runKernel<Tensor2D>(ATTEND, { x, attention });
  return spread(x, attention, (image, weights) => tf.mul(image, weights));
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
