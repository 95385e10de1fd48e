import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { hasOwnOperation } from './own-operation.ts';

/**
 * Scales and shifts per channel that stand around a 1x1 convolution y = x W + b go into its weights (inputs, outputs), which are few,
 * instead of over all pixels. Without gradients of their own: the gradients are functions too.
 */

/** Names of the engine's operations, where it has them. */
export const FOLDED_NORM = 'DualpriorFoldedNorm';
export const FOLDED_NORM_GRADIENT = 'DualpriorFoldedNormGradient';
export const FOLDED_SCALE_GRADIENT = 'DualpriorFoldedScaleGradient';

/** A convolution of x scale + shift, where a normalisation leaves x. */
export interface NormedConvolution {
  readonly weight: Tensor2D;
  readonly bias: Tensor1D;
  readonly scale: Tensor1D;
  readonly shift: Tensor1D;
}

/** (x g + s) W + b = x (g W) + (s W + b): the weight and the bias on the right. */
export function foldNorm({ weight, bias, scale, shift }: NormedConvolution): { weight: Tensor2D; bias: Tensor1D } {
  if (hasOwnOperation(FOLDED_NORM)) {
    const [scaled, shifted] = tf.engine().runKernel<[Tensor2D, Tensor1D]>(FOLDED_NORM, { weight, scale, shift, bias });
    return { weight: scaled, bias: shifted };
  }
  const shifted: Tensor1D = tf.add(tf.reshape(tf.matMul(row(shift), weight), [-1]), bias);
  return { weight: tf.mul(weight, column(scale)), bias: shifted };
}

/**
 * Gradients of W, g and s.
 * @param product x' dy, the gradient of g W
 * @param dBias the gradient of b, the sum of dy over all pixels
 */
export function foldedNormGradient(
  product: Tensor2D,
  dBias: Tensor1D,
  { weight, scale, shift }: NormedConvolution,
): { weight: Tensor2D; scale: Tensor1D; shift: Tensor1D } {
  if (hasOwnOperation(FOLDED_NORM_GRADIENT)) {
    const inputs = { product, weight, scale, shift, bias: dBias };
    const [dWeight, dScale, dShift] = tf
      .engine()
      .runKernel<[Tensor2D, Tensor1D, Tensor1D]>(FOLDED_NORM_GRADIENT, inputs);
    return { weight: dWeight, scale: dScale, shift: dShift };
  }
  return {
    weight: tf.add(tf.mul(product, column(scale)), tf.matMul(column(shift), row(dBias))),
    scale: tf.sum(tf.mul(product, weight), 1),
    shift: tf.reshape(tf.matMul(weight, column(dBias)), [-1]),
  };
}

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

function row(vector: Tensor1D): Tensor2D {
  return tf.reshape(vector, [1, -1]);
}

function column(vector: Tensor1D): Tensor2D {
  return tf.reshape(vector, [-1, 1]);
}
