import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor4D } from '@tensorflow/tfjs-core';

/**
 * R1 (Mescheder et al. 2018): the squared norm of the gradient of a discriminator's logits with respect to real images, summed over
 * each image and averaged over the batch, without the factor gamma / 2 (rosinality, stylegan2-pytorch:train.py, d_r1_loss). Its own
 * gradient is of the second order.
 *
 * @param score logits (any shape) of images (NHWC)
 */
export function r1Penalty(score: (images: Tensor4D) => Tensor, images: Tensor4D): Scalar {
  const gradient = tf.grad((x: Tensor) => tf.sum(score(x as Tensor4D)))(images);
  return tf.mean(tf.sum(tf.square(gradient), [1, 2, 3]));
}
