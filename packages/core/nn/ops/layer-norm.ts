import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { standardize } from './normalize.ts';
import { hasOwnOperation } from './own-operation.ts';

/** Names of the engine's operations, where it has them. */
export const LAYER_NORM = 'DualpriorLayerNorm';
export const LAYER_NORM_GRADIENT = 'DualpriorLayerNormGradient';

export interface NormalizedPixels {
  /** (n, channels): each row has mean 0 and variance 1. */
  readonly normalized: Tensor2D;
  /** 1 / sqrt(variance + epsilon) of each row: (n, 1). */
  readonly inverse: Tensor2D;
}

/** Each pixel of (n, channels) normalised over its channels. Without a gradient of its own. */
export function layerNorm(pixels: Tensor2D, epsilon: number): NormalizedPixels {
  if (!hasOwnOperation(LAYER_NORM)) return standardize(pixels, [1], epsilon);
  const [normalized, inverse] = tf.engine().runKernel<Tensor2D[]>(LAYER_NORM, { x: pixels }, { epsilon });
  return { normalized: normalized!, inverse: inverse! };
}

/** Its gradient, added to another: residual + (dy - mean(dy) - y mean(y dy)) / sqrt(variance + epsilon). */
export function layerNormGradient(
  dy: Tensor2D,
  { normalized, inverse }: NormalizedPixels,
  residual: Tensor2D,
): Tensor2D {
  if (hasOwnOperation(LAYER_NORM_GRADIENT)) {
    return tf.engine().runKernel<Tensor2D>(LAYER_NORM_GRADIENT, { dy, normalized, inverse, residual });
  }
  const mean = (tensor: Tensor2D): Tensor2D => tf.mean(tensor, 1, true);
  const along = tf.mul(normalized, mean(tf.mul(normalized, dy)));
  return tf.add(residual, tf.mul<Tensor2D>(tf.sub(dy, tf.add(mean(dy), along)), inverse));
}
