import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { columnSums } from './column-sums.ts';
import { hasOwnOperation } from './own-operation.ts';

/** Names of the engine's operations, where it has them. */
export const LAYER_NORM = 'DualpriorLayerNorm';
export const LAYER_NORM_GRADIENT = 'DualpriorLayerNormGradient';

/** What of each pixel was normalised: its mean, and 1 / sqrt(variance + epsilon); both (n, 1). */
export interface PixelStatistics {
  readonly mean: Tensor2D;
  readonly inverse: Tensor2D;
}

/** Each pixel of (n, channels) normalised over its channels, times `scale`, plus `shift`. Without a gradient of its own. */
export function layerNorm(
  x: Tensor2D,
  scale: Tensor1D,
  shift: Tensor1D,
  epsilon: number,
): PixelStatistics & { output: Tensor2D } {
  if (hasOwnOperation(LAYER_NORM)) {
    const [output, mean, inverse] = tf.engine().runKernel<Tensor2D[]>(LAYER_NORM, { x, scale, shift }, { epsilon });
    return { output: output!, mean: mean!, inverse: inverse! };
  }
  const mean = tf.mean<Tensor2D>(x, 1, true);
  const centred = tf.sub<Tensor2D>(x, mean);
  const variance = tf.mean<Tensor2D>(tf.square(centred), 1, true);
  const inverse = tf.rsqrt(tf.add<Tensor2D>(variance, epsilon));
  return { output: tf.add<Tensor2D>(tf.mul(tf.mul(centred, inverse), scale), shift), mean, inverse };
}

interface LayerNormInputs extends PixelStatistics {
  readonly x: Tensor2D;
  readonly scale: Tensor1D;
}

/**
 * Gradients of x, scale and shift. With y = (x - mean) / sqrt(variance + epsilon) and d = dy scale, that of x is
 * (d - mean(d) - y mean(y d)) / sqrt(variance + epsilon), added to `residual`.
 */
export function layerNormGradient(
  dy: Tensor2D,
  { x, mean, inverse, scale }: LayerNormInputs,
  residual: Tensor2D,
): { x: Tensor2D; scale: Tensor1D; shift: Tensor1D } {
  if (hasOwnOperation(LAYER_NORM_GRADIENT)) {
    const inputs = { dy, x, mean, inverse, scale, residual };
    const [dx, dScale, dShift] = tf.engine().runKernel<[Tensor2D, Tensor1D, Tensor1D]>(LAYER_NORM_GRADIENT, inputs);
    return { x: dx, scale: dScale, shift: dShift };
  }
  const ofRow = (tensor: Tensor2D): Tensor2D => tf.mean(tensor, 1, true);
  const normalized: Tensor2D = tf.mul(tf.sub(x, mean), inverse);
  const scaled: Tensor2D = tf.mul(dy, scale);
  const along = tf.mul(normalized, ofRow(tf.mul(normalized, scaled)));
  return {
    x: tf.add(residual, tf.mul<Tensor2D>(tf.sub(scaled, tf.add(ofRow(scaled), along)), inverse)),
    scale: columnSums(tf.mul(dy, normalized)),
    shift: columnSums(dy),
  };
}
