import { describe, expect, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import { randomTensor } from '@dualprior/core/testing/gradient-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { pathLengthPenalty } from './path-length-penalty.ts';
import { r1Penalty } from './r1-penalty.ts';

loadEngine();

const number = (tensor: Tensor) => tensor.dataSync()[0]!;

describe('R1', () => {
  const images = randomTensor([3, 2, 2, 1]) as Tensor4D;

  test('of a linear score is the squared norm of its weights, whatever the images', () => {
    const weights = randomTensor([2, 2, 1], 'weights');
    const score = (x: Tensor4D) => tf.sum(tf.mul(x, weights), [1, 2, 3]);
    expect(number(r1Penalty(score, images))).toBeCloseTo(number(tf.sum(tf.square(weights))), 5);
  });

  test('has the gradient that is due: of a |x|^2 it is 4 a^2 |x|^2, and twice that over a', () => {
    const penalty = (a: Tensor) => r1Penalty((x) => tf.mul(a, tf.sum(tf.square(x), [1, 2, 3])), images);
    const a = tf.scalar(1.5);
    const norm = number(tf.mean(tf.sum(tf.square(images), [1, 2, 3])));
    expect(number(penalty(a))).toBeCloseTo(4 * 1.5 ** 2 * norm, 4);
    expect(number(tf.grad(penalty)(a))).toBeCloseTo(8 * 1.5 * norm, 3);
  });
});

describe('path length', () => {
  const latents = randomTensor([2, 3, 4], 'latents') as Tensor3D;
  const noise = randomTensor([2, 5, 7, 1], 'noise') as Tensor4D;
  const images = (w: Tensor3D, scale: Tensor | number) =>
    tf.mul(scale, tf.mul(tf.reshape(tf.sum(w, [1, 2]), [2, 1, 1, 1]), tf.ones([2, 5, 7, 1]))) as Tensor4D;

  test('is the norm of the noise on the Jacobian, for each image, and moves the mean', () => {
    const { lengths, mean, penalty } = pathLengthPenalty((w) => images(w, 3), latents, noise, tf.scalar(2), 0.1);
    // each of the 3 x 4 numbers of W+ moves all pixels by 3
    const sums = [...tf.sum(noise, [1, 2, 3]).dataSync()];
    const expected = sums.map((sum) => Math.sqrt(4 * ((3 * sum) / Math.sqrt(35)) ** 2));
    expect([...lengths.dataSync()]).toEqual(expected.map((length) => expect.closeTo(length, 4) as unknown));
    const after = 2 + 0.1 * ((expected[0]! + expected[1]!) / 2 - 2);
    expect(number(mean)).toBeCloseTo(after, 4);
    expect(number(penalty)).toBeCloseTo(expected.reduce((sum, length) => sum + (length - after) ** 2, 0) / 2, 3);
  });

  test('has a gradient through the Jacobian and through the mean', () => {
    const penalty = (scale: Tensor) =>
      pathLengthPenalty((w) => images(w, scale), latents, noise, tf.scalar(2), 0.1).penalty as Scalar;
    const [scale, step] = [3, 1e-2];
    const at = (value: number) => number(penalty(tf.scalar(value)));
    const slope = (at(scale + step) - at(scale - step)) / (2 * step);
    expect(number(tf.grad(penalty)(tf.scalar(scale)))).toBeCloseTo(slope, 1);
  });
});
