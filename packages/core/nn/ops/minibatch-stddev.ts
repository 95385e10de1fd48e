import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { UserError } from '../../errors/user-error.ts';

const EPSILON = 1e-8;

/**
 * Appends one channel to `x` (NHWC): for each group of images the standard deviation over the group, averaged over pixels and channels
 * (Karras et al. 2018; rosinality, stylegan2-pytorch:model.py). Images of a group are not neighbours: with M = N / group, image n is
 * in group n mod M. A batch smaller than `group` is one group. Errors: `UserError` if the batch cannot be divided.
 */
export function minibatchStddev(x: Tensor4D, group: number): Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const size = Math.min(batch, group);
  if (batch % size !== 0) {
    throw new UserError(
      `A batch of ${batch} images cannot be divided into groups of ${size} (minibatch standard deviation): ` +
        `take a batch that is a multiple of ${size}, or at most ${size}.`,
    );
  }
  const groups = batch / size;
  const grouped = tf.reshape(x, [size, groups, height * width * channels]);
  const centred = tf.sub(grouped, tf.mean(grouped, 0, true));
  const deviation = tf.sqrt(tf.add(tf.mean(tf.square(centred), 0), EPSILON)); // (groups, pixels and channels)
  const statistic = tf.tile(tf.reshape(tf.mean(deviation, 1), [1, groups]), [size, 1]);
  const channel: Tensor4D = tf.tile(tf.reshape(statistic, [batch, 1, 1, 1]), [1, height, width, 1]);
  return tf.concat([x, channel], 3);
}
