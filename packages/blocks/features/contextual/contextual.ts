import { handWritten, UserError } from '@dualprior/core/nn';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';

const EPSILON = 1e-5;
/** The square of `torch.nn.functional.normalize`'s epsilon. */
const LEAST_SQUARE = 1e-24;

/** Numbers of the similarity matrices that are computed together: 64 MiB each. */
const TOGETHER = 2 ** 24;
/** Numbers of one similarity matrix: 1 GiB. */
const MOST = 2 ** 28;

/**
 * The contextual loss between feature maps (NHWC; Mechrez et al. 2018; contextual_loss_pytorch:functional.py), for each of
 * `groups` equal parts of the batch on its own, and their mean:
 *
 *     d_ij = 1 - cos(x_i - m, y_j - m)         m: mean of y over the part's images and positions
 *     D_ij = d_ij / (min_k d_ik + 1e-5)
 *     A_ij = softmax_j((1 - D_ij) / h)
 *     CX   = mean_j max_i A_ij                 for each image
 *     L    = mean of -ln(CX + 1e-5)
 *
 * The memory that it takes besides its arguments does not grow with the batch: similarities are computed a few images at a time,
 * and again for the gradient. It has no second derivative.
 * @param together numbers of the similarity matrices that are computed at a time
 * Errors: `UserError` for so many positions in one image that their similarities would fill the memory.
 */
export function contextualLoss(x: Tensor4D, y: Tensor4D, bandwidth: number, groups = 1, together = TOGETHER): Scalar {
  const [count, height, width, channels] = y.shape;
  const positions = height * width;
  const most = x.shape[1] * x.shape[2] * positions;
  if (most > MOST) {
    throw new UserError(
      `The contextual loss of ${width}x${height} features compares ${most} pairs of an image; at most ${MOST} are possible. ` +
        'Give a smaller patch, or a deeper layer.',
    );
  }
  const grouped: Tensor4D = tf.reshape(y, [groups, count / groups, positions, channels]);
  const mean = tf.mean<Tensor4D>(grouped, [1, 2], true);
  const centred = (features: Tensor4D): Tensor3D => {
    const size = features.shape[1] * features.shape[2];
    const parts = tf.sub(tf.reshape(features, [groups, count / groups, size, channels]), mean);
    return unit(tf.reshape(parts, [count, size, channels]));
  };
  const similarity = similarities(bandwidth, together)({ x: centred(x), y: centred(y) });
  return tf.neg(tf.mean<Scalar>(tf.log(tf.add(similarity, EPSILON))));
}

/** 1 - cosine of all pairs of feature vectors (image, position of x, position of y), of features that are centred already. */
export function cosineDistances(x: Tensor3D, y: Tensor3D): Tensor3D {
  return tf.sub(1, tf.matMul<Tensor3D>(unit(x), unit(y), false, true));
}

function unit(features: Tensor3D): Tensor3D {
  const square = tf.sum<Tensor3D>(tf.square(features), 2, true);
  return tf.mul(features, tf.rsqrt(tf.maximum(square, LEAST_SQUARE)));
}

/** CX of each image, of feature vectors of length 1 (image, position, channel). */
const similarities = (bandwidth: number, together: number) =>
  handWritten<{ x: Tensor3D; y: Tensor3D }, Record<string, never>, Tensor>('The contextual loss', {
    forward: ({ x, y }) => {
      const parts = inParts(x, y, together, (a, b) => [tf.mean(best(affinity(a, b, bandwidth).affinity), 1)]);
      return { output: tf.concat(parts.map(([part]) => part!)), kept: {} };
    },
    backward: (dy, { x, y }) => {
      let start = 0;
      const parts = inParts(x, y, together, (a, b) => {
        const slope = tf.slice(dy, start, a.shape[0]);
        start += a.shape[0];
        return gradients(a, b, slope, bandwidth);
      });
      const [dx, dyy] = [0, 1].map((i) => tf.concat(parts.map((part) => part[i]!)));
      return { x: dx!, y: dyy! };
    },
  });

interface Affinity {
  readonly distance: Tensor;
  /** min_k d_ik */
  readonly least: Tensor;
  readonly affinity: Tensor;
}

function affinity(x: Tensor3D, y: Tensor3D, bandwidth: number): Affinity {
  const distance = tf.sub(1, tf.matMul(x, y, false, true));
  const least = tf.min(distance, 2, true);
  const relative = tf.div(distance, tf.add(least, EPSILON));
  return { distance, least, affinity: tf.softmax(tf.div(tf.sub(1, relative), bandwidth), 2) };
}

/** max_i A_ij */
function best(affinity: Tensor): Tensor2D {
  return tf.max(affinity, 1);
}

/** The chain of the formulas backwards; where several are the best or the least, each has its share. */
function gradients(x: Tensor3D, y: Tensor3D, slope: Tensor, bandwidth: number): [Tensor, Tensor] {
  const { distance, least, affinity: a } = affinity(x, y, bandwidth);
  const toBest = tf.div(tf.reshape(slope, [-1, 1, 1]), y.shape[1]);
  const dAffinity = tf.mul(toBest, shares(a, tf.max(a, 1, true), 1));
  const dLogits = tf.mul(a, tf.sub(dAffinity, tf.sum(tf.mul(dAffinity, a), 2, true)));
  const dRelative = tf.div(dLogits, -bandwidth);
  const divisor = tf.add(least, EPSILON);
  const dLeast = tf.neg(tf.div(tf.sum(tf.mul(dRelative, distance), 2, true), tf.square(divisor)));
  const dDistance = tf.add(tf.div(dRelative, divisor), tf.mul(dLeast, shares(distance, least, 2)));
  const dCosine = tf.neg(dDistance);
  return [tf.matMul(dCosine, y), tf.matMul(dCosine, x, true, false)];
}

/** 1 where a number is the extreme along an axis, divided among equal ones. */
function shares(numbers: Tensor, extreme: Tensor, axis: number): Tensor {
  const is = tf.cast(tf.equal(numbers, extreme), 'float32');
  return tf.div(is, tf.sum(is, axis, true));
}

/** Runs `compute` for as many images at a time as the memory allows, one part after the other. */
function inParts(
  x: Tensor3D,
  y: Tensor3D,
  together: number,
  compute: (x: Tensor3D, y: Tensor3D) => Tensor[],
): Tensor[][] {
  const images = Math.max(1, Math.floor(together / (x.shape[1] * y.shape[1])));
  const results: Tensor[][] = [];
  for (let start = 0; start < x.shape[0]; start += images) {
    const count = Math.min(images, x.shape[0] - start);
    const part = (tensor: Tensor3D): Tensor3D => tf.slice(tensor, [start, 0, 0], [count, -1, -1]);
    const previous = results.at(-1)?.[0];
    results.push(tf.tidy(() => compute(previous ? after(part(x), previous) : part(x), part(y))));
  }
  return results;
}

/** The same tensor, but only when the other one is there: TensorFlow would else begin all parts of a compiled step at once. */
function after(tensor: Tensor3D, other: Tensor): Tensor3D {
  return tf.add(tensor, tf.mul(tf.sum(tf.slice(tf.reshape(other, [-1]), 0, 1)), 0));
}
