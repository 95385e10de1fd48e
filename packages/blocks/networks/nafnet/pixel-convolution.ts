import {
  columnSums,
  foldedNormGradient,
  foldedScaleGradient,
  foldNorm,
  foldScale,
  layerNorm,
  layerNormGradient,
  linear,
  type NormalizedPixels,
  type ScaledConvolution,
} from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';

/** The 1x1 convolutions of NAFNet's block, of pixels (n, channels), with what stands around them, and their gradients by hand. */

const EPSILON = 1e-6;

/** Parameters of the normalised expansion that both halves of NAFNet's block begin with. */
export interface Expansion {
  readonly normWeight: Tensor1D;
  readonly normBias: Tensor1D;
  readonly expandWeight: Tensor4D;
  readonly expandBias: Tensor1D;
}

/** Layer normalisation with scale and shift, then the convolution. */
export function expand(x: Tensor2D, parameters: Expansion): NormalizedPixels & { output: Tensor2D } {
  const { normalized, inverse } = layerNorm(x, EPSILON);
  const { weight, bias } = foldNorm(expansion(parameters));
  return { normalized, inverse, output: linear(normalized, weight, bias) };
}

/** Its gradients; that of x is added to `residual`. */
export function expandGradient(
  dy: Tensor2D,
  parameters: Expansion,
  normalized: NormalizedPixels,
  residual: Tensor2D,
): { x: Tensor2D } & { [Name in keyof Expansion]: Expansion[Name] } {
  const convolution = expansion(parameters);
  const dBias = columnSums(dy);
  const product: Tensor2D = tf.matMul(normalized.normalized, dy, true, false);
  const { weight, scale, shift } = foldedNormGradient(product, dBias, convolution);
  const ofNormalized: Tensor2D = tf.matMul(dy, foldNorm(convolution).weight, false, true);
  return {
    x: layerNormGradient(ofNormalized, normalized, residual),
    normWeight: scale,
    normBias: shift,
    expandWeight: tf.reshape(weight, parameters.expandWeight.shape),
    expandBias: dBias,
  };
}

/** Parameters of the projection that both end with: `scale` is the paper's beta or gamma. */
export interface Projection {
  readonly weight: Tensor4D;
  readonly bias: Tensor1D;
  readonly scale: Tensor1D;
}

/** The convolution, then its scale. */
export function project(x: Tensor2D, parameters: Projection): Tensor2D {
  const { weight, bias } = foldScale(projection(parameters));
  return linear(x, weight, bias);
}

export function projectGradient(
  dy: Tensor2D,
  parameters: Projection,
  x: Tensor2D,
): { x: Tensor2D; weight: Tensor4D; bias: Tensor1D; scale: Tensor1D } {
  const convolution = projection(parameters);
  const product: Tensor2D = tf.matMul(x, dy, true, false);
  const { weight, bias, scale } = foldedScaleGradient(product, columnSums(dy), convolution);
  return {
    x: tf.matMul(dy, foldScale(convolution).weight, false, true),
    weight: tf.reshape(weight, parameters.weight.shape),
    bias,
    scale,
  };
}

/** (N, H, W, C) as (N H W, C). */
export function pixelsOf(image: Tensor4D): Tensor2D {
  return tf.reshape(image, [-1, image.shape[3]]);
}

function expansion({ normWeight, normBias, expandWeight, expandBias }: Expansion) {
  return { weight: matrixOf(expandWeight), bias: expandBias, scale: normWeight, shift: normBias };
}

function projection({ weight, bias, scale }: Projection): ScaledConvolution {
  return { weight: matrixOf(weight), bias, scale };
}

function matrixOf(weight: Tensor4D): Tensor2D {
  return tf.reshape(weight, [weight.shape[2], weight.shape[3]]);
}
