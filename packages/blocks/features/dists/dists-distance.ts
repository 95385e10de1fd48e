import { constant, Module, Parameter } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';

/** Channels of the image and of the last layer of each block of VGG-16. */
const CHANNELS = 3 + 64 + 128 + 256 + 512 + 512;
/** Keep the quotients finite where a mean or a variance is zero. */
const [C1, C2] = [1e-6, 1e-6];

/** What the means (alpha) and the variations (beta) of each channel count for in DISTS; official names and shapes. */
export class DistsWeights extends Module {
  readonly alpha = new Parameter<Tensor1D>([1, CHANNELS, 1, 1], constant(0.1), 'channels');
  readonly beta = new Parameter<Tensor1D>([1, CHANNELS, 1, 1], constant(0.1), 'channels');
}

/**
 * DISTS of pairs of images (Ding et al. 2020, "Image Quality Assessment: Unifying Structure and Texture Similarity"):
 * 1 - sum over channels of alpha l + beta s, where alpha and beta sum to 1,
 *
 *   l = (2 m_x m_y + c) / (m_x^2 + m_y^2 + c)         texture: means over the plane
 *   s = (2 cov_xy + c) / (var_x + var_y + c)          structure
 *
 * @param first the first images and their features (NHWC); `second` those of the others
 * @returns a number per pair
 */
export function distsDistances(
  first: readonly Tensor4D[],
  second: readonly Tensor4D[],
  { alpha, beta }: DistsWeights,
): Tensor1D {
  const similarities = first.map((x, i) => similarity(x, second[i]!));
  const [texture, structure] = [0, 1].map((k) =>
    tf.concat2d(
      similarities.map((each) => each[k]!),
      1,
    ),
  ); // N, channels
  const all = tf.add(tf.sum(alpha.value), tf.sum(beta.value));
  const weighted = tf.add(tf.mul(texture!, alpha.value), tf.mul(structure!, beta.value));
  return tf.sub(1, tf.div(tf.sum<Tensor1D>(weighted, 1), all));
}

/** l and s of each channel. */
function similarity(x: Tensor4D, y: Tensor4D): [texture: Tensor2D, structure: Tensor2D] {
  const [meanX, meanY] = [x, y].map((each) => tf.mean<Tensor4D>(each, [1, 2], true));
  const [apartX, apartY] = [tf.sub(x, meanX!), tf.sub(y, meanY!)];
  const mean = (product: Tensor4D) => tf.mean<Tensor2D>(product, [1, 2]);
  const covariance = mean(tf.mul(apartX, apartY));
  const variances = mean(tf.add(tf.square(apartX), tf.square(apartY)));
  const [a, b] = [meanX!, meanY!].map((each) => tf.squeeze<Tensor2D>(each, [1, 2]));
  const squares = tf.add<Tensor2D>(tf.square(a!), tf.square(b!));
  return [quotient(tf.mul(a!, b!), squares, C1), quotient(covariance, variances, C2)];
}

/** (2 product + c) / (squares + c). */
function quotient(product: Tensor2D, squares: Tensor2D, c: number): Tensor2D {
  return tf.div(tf.add(tf.mul(product, 2), c), tf.add(squares, c));
}
