import {
  columnSums,
  foldedScaleGradient,
  foldScale,
  layerNorm,
  layerNormGradient,
  residual,
  type PixelStatistics,
  type ScaledConvolution,
} from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';

/** The 1x1 convolutions of NAFNet's block, of pixels (n, channels), with what stands around them, and their gradients by hand. */

const EPSILON = 1e-6;

/** Parameters of the normalised expansion that both halves of NAFNet's block begin with; what follows adds the convolution's bias. */
interface Expansion {
  readonly normWeight: Tensor1D;
  readonly normBias: Tensor1D;
  readonly expandWeight: Tensor4D;
}

/** What the gradient needs besides the parameters and x. */
interface Normed extends PixelStatistics {
  readonly normed: Tensor2D;
}

/** Layer normalisation, then the convolution without its bias. */
export function expand(x: Tensor2D, { normWeight, normBias, expandWeight }: Expansion): Normed & { output: Tensor2D } {
  const { output: normed, ...statistics } = layerNorm(x, normWeight, normBias, EPSILON);
  return { normed, ...statistics, output: tf.matMul(normed, matrixOf(expandWeight)) };
}

/** Its gradients; that of x is added to `around`, what reaches x past the half. */
export function expandGradient(
  dy: Tensor2D,
  { normWeight, expandWeight }: Expansion,
  { x, normed, mean, inverse }: Normed & { readonly x: Tensor2D },
  around: Tensor2D,
): { x: Tensor2D } & { [Name in keyof Expansion]: Expansion[Name] } {
  const ofNormed: Tensor2D = tf.matMul(dy, matrixOf(expandWeight), false, true);
  const ofNorm = layerNormGradient(ofNormed, { x, mean, inverse, scale: normWeight }, around);
  return {
    x: ofNorm.x,
    normWeight: ofNorm.scale,
    normBias: ofNorm.shift,
    expandWeight: tf.reshape(tf.matMul(normed, dy, true, false), expandWeight.shape),
  };
}

/** Parameters of the projection that both end with: `scale` is the paper's beta or gamma. */
interface Projection {
  readonly weight: Tensor4D;
  readonly bias: Tensor1D;
  readonly scale: Tensor1D;
}

/** The convolution, its scale, and what is added to it. */
export function project(x: Tensor2D, parameters: Projection, added: Tensor2D): Tensor2D {
  const { weight, bias } = foldScale(projection(parameters));
  return residual(added, tf.matMul(x, weight), bias);
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

function projection({ weight, bias, scale }: Projection): ScaledConvolution {
  return { weight: matrixOf(weight), bias, scale };
}

function matrixOf(weight: Tensor4D): Tensor2D {
  return tf.reshape(weight, [weight.shape[2], weight.shape[3]]);
}
