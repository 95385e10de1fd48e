import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { hasOwnOperation } from './own-operation.ts';

/**
 * A scale per channel that follows a 1x1 convolution y = x W + b goes into its weights (inputs, outputs), which are few, instead of over all
 * pixels. Without a gradient of its own: the gradient is a function too.
 */

/** Name of the engine's operation, where it has one. */
export const FOLDED_SCALE_GRADIENT = 'DualpriorFoldedScaleGradient';

/** A convolution that is scaled afterwards: (x W + b) g. */
export interface ScaledConvolution {
  readonly weight: Tensor2D;
  readonly bias: Tensor1D;
  readonly scale: Tensor1D;
}

/** (x W + b) g = x (W g) + b g: the weight and the bias on the right. */
export function foldScale({ weight, bias, scale }: ScaledConvolution): { weight: Tensor2D; bias: Tensor1D } {
  return { weight: tf.mul(weight, scale), bias: tf.mul(bias, scale) };
}

/**
 * Gradients of W, b and g.
 * @param product x' dy, the gradient of W g
 * @param sum of dy over all pixels
 */
export function foldedScaleGradient(
  product: Tensor2D,
  sum: Tensor1D,
  { weight, bias, scale }: ScaledConvolution,
): { weight: Tensor2D; bias: Tensor1D; scale: Tensor1D } {
  const { dWeight, along } = productGradient(product, weight, scale);
  return { weight: dWeight, bias: tf.mul(sum, scale), scale: tf.add(along, tf.mul(sum, bias)) };
}

function productGradient(product: Tensor2D, weight: Tensor2D, scale: Tensor1D) {
  if (hasOwnOperation(FOLDED_SCALE_GRADIENT)) {
    const inputs = { product, weight, scale };
    const [dWeight, along] = tf.engine().runKernel<[Tensor2D, Tensor1D]>(FOLDED_SCALE_GRADIENT, inputs);
    return { dWeight, along };
  }
  return { dWeight: tf.mul<Tensor2D>(product, scale), along: tf.sum<Tensor1D>(tf.mul(product, weight), 0) };
}
