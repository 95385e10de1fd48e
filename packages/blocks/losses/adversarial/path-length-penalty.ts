import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor1D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';

interface PathLengths {
  /** mean((lengths - mean)^2), which is to be minimised. */
  readonly penalty: Scalar;
  /** The running mean of the lengths after this batch. */
  readonly mean: Scalar;
  /** |J' y| of each image, (N). */
  readonly lengths: Tensor1D;
}

/**
 * Path length regularisation (Karras et al. 2020; rosinality, stylegan2-pytorch:train.py, g_path_regularize): a step in W+ shall change
 * the image by as much wherever it is taken. The length is the norm of J' y for a random image y, over the square root of its pixels,
 * averaged (as a mean of squares) over the latents. The running mean is part of what is differentiated.
 *
 * @param synthesize images (NHWC) of W+
 * @param latents W+, (N, L, D)
 * @param noise y, standard normal, of the images' shape
 * @param mean the running mean before, 0 at first
 * @param decay what this batch contributes to the mean
 */
export function pathLengthPenalty(
  synthesize: (latents: Tensor3D) => Tensor4D,
  latents: Tensor3D,
  noise: Tensor4D,
  mean: Scalar,
  decay: number | Scalar,
): PathLengths {
  const [, height, width] = noise.shape;
  const y: Tensor4D = tf.div(noise, Math.sqrt(height * width));
  const jacobianProduct = tf.grad((w: Tensor) => tf.sum(tf.mul(synthesize(w as Tensor3D), y)))(latents);
  const lengths: Tensor1D = tf.sqrt(tf.mean<Tensor1D>(tf.sum(tf.square(jacobianProduct), 2), 1));
  const updated: Scalar = tf.add(mean, tf.mul(tf.sub(tf.mean(lengths), mean), decay));
  return { penalty: tf.mean(tf.square(tf.sub(lengths, updated))), mean: updated, lengths };
}
