import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { MODULATE, STYLE_GRADIENT } from './modulate.ts';
import { byImage, overImages } from './over-images.ts';
import { hasOwnOperation } from './own-operation.ts';

export interface Attended {
  /** A weight of each channel: (images, channels). */
  readonly attention: Tensor2D;
}

/** Channel attention: pixels (images n, channels) times the factors of their image. Without a gradient of its own. */
export function attend(x: Tensor2D, attention: Tensor2D): Tensor2D {
  if (!hasOwnOperation(MODULATE)) return overImages(x, attention, (image, factors) => tf.mul(image, factors));
  const inputs = { x: byImage(x, attention.shape[0]), style: attention };
  return tf.reshape(tf.engine().runKernel<Tensor3D>(MODULATE, inputs), x.shape);
}

/** Gradient of the factors of so many images, where dy is that of the pixels attended to: sums of dy x over each image. */
export function attentionGradient(dy: Tensor2D, x: Tensor2D, images: number): Tensor2D {
  if (!hasOwnOperation(STYLE_GRADIENT)) return tf.sum(byImage(tf.mul(dy, x), images), 1);
  return tf.engine().runKernel<Tensor2D>(STYLE_GRADIENT, { dy: byImage(dy, images), x: byImage(x, images) });
}
