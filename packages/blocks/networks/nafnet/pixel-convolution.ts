import { linear, standardize } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';

/**
 * 1x1 convolutions of pixels (n, channels) with what stands around them per channel, and their gradients by hand. Scales and
 * shifts go into the small weights, so that they cost no pass over the image.
 */

const EPSILON = 1e-6;

export interface Normalized {
  readonly normalized: Tensor2D;
  /** 1 / standard deviation of each pixel. */
  readonly inverse: Tensor2D;
}

/** Parameters of the normalised expansion that both halves of NAFNet's block begin with. */
export interface Expansion {
  readonly normWeight: Tensor1D;
  readonly normBias: Tensor1D;
  readonly expandWeight: Tensor4D;
  readonly expandBias: Tensor1D;
}

/** They as `normConvolution` takes them. */
export function expansion({ normWeight, normBias, expandWeight, expandBias }: Expansion) {
  return { scale: normWeight, shift: normBias, weight: expandWeight, bias: expandBias };
}

/** Layer normalisation with scale g and shift s, then a convolution: (x^ g + s) W + b = x^ (g W) + (s W + b). */
export function normConvolution(
  x: Tensor2D,
  { scale, shift, weight, bias }: { scale: Tensor1D; shift: Tensor1D; weight: Tensor4D; bias: Tensor1D },
): Normalized & { output: Tensor2D } {
  const { normalized, inverse } = standardize(x, [1], EPSILON);
  const matrix = matrixOf(weight);
  const shifted: Tensor1D = tf.add(tf.reshape(tf.matMul(row(shift), matrix), [-1]), bias);
  return { normalized, inverse, output: linear(normalized, tf.mul(matrix, column(scale)), shifted) };
}

export function normConvolutionGradient(
  dy: Tensor2D,
  { scale, shift, weight }: { scale: Tensor1D; shift: Tensor1D; weight: Tensor4D },
  { normalized, inverse }: Normalized,
): { x: Tensor2D; scale: Tensor1D; shift: Tensor1D; weight: Tensor4D; bias: Tensor1D } {
  const matrix = matrixOf(weight);
  const bias: Tensor1D = tf.sum(dy, 0);
  const ofProduct: Tensor2D = tf.matMul(normalized, dy, true, false);
  const ofMatrix = tf.add(tf.mul(ofProduct, column(scale)), tf.matMul(column(shift), row(bias)));
  return {
    x: normalizationGradient(dy, tf.mul(matrix, column(scale)), { normalized, inverse }),
    scale: tf.sum(tf.mul(ofProduct, matrix), 1),
    shift: tf.reshape(tf.matMul(matrix, column(bias)), [-1]),
    weight: tf.reshape(ofMatrix, weight.shape),
    bias,
  };
}

/**
 * With dx^ = dy W': dx = (dx^ - mean(dx^) - x^ mean(x^ dx^)) / deviation. The mean over the channels is taken out of W' instead
 * of out of every pixel; x^ has no mean, so the other term stays the same.
 */
function normalizationGradient(dy: Tensor2D, matrix: Tensor2D, { normalized, inverse }: Normalized): Tensor2D {
  const centred: Tensor2D = tf.sub(matrix, tf.mean(matrix, 0, true));
  const ofNormalized: Tensor2D = tf.matMul(dy, centred, false, true);
  const along = tf.mean(tf.mul(normalized, ofNormalized), 1, true);
  return tf.mul(tf.sub<Tensor2D>(ofNormalized, tf.mul(normalized, along)), inverse);
}

interface Scaled {
  readonly weight: Tensor4D;
  readonly bias: Tensor1D;
  readonly scale: Tensor1D;
}

/** A convolution, then a scale: (x W + b) g = x (W g) + b g. */
export function scaledConvolution(x: Tensor2D, { weight, bias, scale }: Scaled): Tensor2D {
  return linear(x, tf.mul(matrixOf(weight), scale), tf.mul(bias, scale));
}

export function scaledConvolutionGradient(
  dy: Tensor2D,
  { weight, bias, scale }: Scaled,
  x: Tensor2D,
): { x: Tensor2D; weight: Tensor4D; bias: Tensor1D; scale: Tensor1D } {
  const matrix = matrixOf(weight);
  const ofProduct: Tensor2D = tf.matMul(x, dy, true, false);
  const sum: Tensor1D = tf.sum(dy, 0);
  return {
    x: tf.matMul(dy, tf.mul(matrix, scale), false, true),
    weight: tf.reshape(tf.mul(ofProduct, scale), weight.shape),
    bias: tf.mul(sum, scale),
    scale: tf.add(tf.sum<Tensor1D>(tf.mul(ofProduct, matrix), 0), tf.mul(sum, bias)),
  };
}

/** The two halves of the channels. */
export function halves(x: Tensor2D): [Tensor2D, Tensor2D] {
  const [pixels, channels] = x.shape;
  const half = channels / 2;
  return [tf.slice(x, [0, 0], [pixels, half]), tf.slice(x, [0, half], [pixels, half])];
}

/** The gradient of first * second, for both halves side by side. */
export function gateGradient(dy: Tensor2D, first: Tensor2D, second: Tensor2D): Tensor2D {
  return tf.concat([tf.mul<Tensor2D>(dy, second), tf.mul<Tensor2D>(dy, first)], 1);
}

/** (N, H, W, C) as (N H W, C). */
export function pixelsOf(image: Tensor4D): Tensor2D {
  return tf.reshape(image, [-1, image.shape[3]]);
}

function matrixOf(weight: Tensor4D): Tensor2D {
  return tf.reshape(weight, [weight.shape[2], weight.shape[3]]);
}

function row(vector: Tensor1D): Tensor2D {
  return tf.reshape(vector, [1, -1]);
}

function column(vector: Tensor1D): Tensor2D {
  return tf.reshape(vector, [-1, 1]);
}
