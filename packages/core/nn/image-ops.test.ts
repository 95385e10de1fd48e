import { describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { loadEngine } from '../engine/engine.ts';
import { UserError } from '../errors/user-error.ts';
import { randomTensor } from '../testing/gradient-check.ts';
import { toCompute, toStateDict, computeShape } from './layout.ts';
import { adaptiveAveragePool2d } from './ops/adaptive-average-pool2d.ts';
import { averagePool2d } from './ops/average-pool2d.ts';
import { conv2d } from './ops/conv2d.ts';
import { leakyRelu } from './ops/leaky-relu.ts';
import { minibatchStddev } from './ops/minibatch-stddev.ts';
import { modulatedConv2d } from './ops/modulated-conv2d.ts';
import { resizeBicubic } from './ops/resize-bicubic.ts';
import { resizeBilinear } from './ops/resize-bilinear.ts';
import { statelessNormal, statelessUniform } from './ops/stateless-random.ts';
import { upfirdn2d } from './ops/upfirdn2d.ts';

const engine = loadEngine();

const x = randomTensor([2, 6, 8, 3]) as Tensor4D;
const numbers = (tensor: Tensor) => [...tensor.dataSync()];
const difference = (a: Tensor, b: Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;

describe('images are resized', () => {
  test.each([
    [12, 16, false],
    [3, 4, false],
    [5, 11, false],
    [5, 11, true],
    [6, 8, false],
    [1, 1, true],
  ])('to %i x %i (corners aligned: %p), as TensorFlow does it', (height, width, alignCorners) => {
    const theirs = tf.image.resizeBilinear(x, [height, width], alignCorners, !alignCorners);
    expect(difference(resizeBilinear(x, height, width, alignCorners), theirs)).toBeLessThan(1e-5);
  });

  // By Pillow 13.0: Image.fromarray(a, mode='F').resize((width, height), Image.BICUBIC).
  test.each([
    [2, 3, [2.21188, 3.73906, 4.06892, 3.50735, 1.09701, 5.03521]],
    [
      4,
      7,
      [
        ...[0.81923, 3.50033, 4.38671, 1.89552, 7.2407, 6.46163, 2.51246],
        ...[-0.39175, 2.58272, 4.73518, 3.53414, 1.63227, 2.68679, 4.86133],
        ...[2.52698, 2.70309, 2.89175, 2.64733, -0.59251, 2.52958, 7.80588],
        ...[7.74562, 3.78598, 0.0121, -0.20896, 1.9611, 6.08854, 9.50014],
      ],
    ],
  ])('bicubically with antialiasing, as Pillow does, to %i x %i', (height, width, expected) => {
    const small = tf.tensor4d([1, 5, 2, 8, 3, 0, 4, 4, -2, 6, 7, 1, 0, 3, 9], [1, 3, 5, 1]);
    const found = resizeBicubic(small, height, width);
    expect(found.shape).toEqual([1, height, width, 1]);
    expect(numbers(found)).toEqual(expected.map((value) => expect.closeTo(value, 4) as unknown));
  });

  test('by the mean of windows', () => {
    expect(difference(averagePool2d(x, { kernel: 2 }), tf.avgPool(x, 2, 2, 'valid'))).toBeLessThan(1e-6);
  });

  test('by the mean of windows that overlap where sides are no multiples', () => {
    const row: Tensor4D = tf.tensor4d([1, 2, 4, 8, 16], [1, 1, 5, 1]);
    expect(numbers(adaptiveAveragePool2d(row, 1, 3))).toEqual([1.5, expect.closeTo(14 / 3, 5), 12]);
    expect(numbers(adaptiveAveragePool2d(row, 1, 7))).toEqual([1, 1.5, 3, 4, 6, 12, 16]);
    expect(difference(adaptiveAveragePool2d(x, 3, 4), tf.avgPool(x, 2, 2, 'valid'))).toBeLessThan(1e-6);
  });

  test('by upfirdn2d: a single one is moved to where the taps say', () => {
    const one = tf.tensor4d([1], [1, 1, 1, 1]);
    const kernel = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    expect(numbers(upfirdn2d(one, kernel, { pad: [1, 1] }))).toEqual([1, 2, 3, 4]); // a convolution, not a correlation
    expect(upfirdn2d(x, kernel, { up: 3, down: 2, pad: [-1, 2] }).shape).toEqual([2, 9, 12, 3]);
  });
});

test('modulated convolution is a convolution with weights of its own for each image', () => {
  const [weight, style] = [randomTensor([3, 3, 3, 4], 'w') as Tensor4D, randomTensor([2, 3], 's') as Tensor2D];
  const expected = tf.unstack(x).map((image, n) => {
    const own = tf.mul(weight, tf.reshape(tf.slice(style, [n, 0], [1, 3]), [1, 1, 3, 1]));
    const norm = tf.rsqrt(tf.add(tf.sum(tf.square(own), [0, 1, 2], true), 1e-8));
    const own4d = tf.mul(own, norm) as Tensor4D;
    return conv2d(tf.expandDims(image) as Tensor4D, own4d, { stride: 1, padding: 1 });
  });
  const ours = modulatedConv2d(x, weight, style, { demodulate: true, gain: 3 });
  expect(difference(ours, tf.mul(tf.concat(expected), 3))).toBeLessThan(1e-5);
});

describe('minibatch standard deviation', () => {
  test('is taken over images that are not neighbours', () => {
    // images 0 and 2 are a group, 1 and 3 another
    const batch = tf.tensor4d([0, 10, 2, 10], [4, 1, 1, 1]);
    const channel = tf.slice(minibatchStddev(batch, 2), [0, 0, 0, 1], [-1, -1, -1, 1]);
    expect(numbers(channel)).toEqual([1, 0, 1, 0].map((value) => expect.closeTo(value, 3) as unknown));
  });

  test('of a batch smaller than the group is taken over all of it', () => {
    expect(minibatchStddev(tf.zeros([3, 2, 2, 5]), 4).shape).toEqual([3, 2, 2, 6]);
  });

  test('refuses a batch that cannot be divided', () => {
    expect(() => minibatchStddev(tf.zeros([6, 2, 2, 5]), 4)).toThrow(UserError);
  });
});

describe('stateless random numbers', () => {
  const seed = (...words: [number, number]) => tf.tensor1d(words, 'int32');

  test('follow from the seed alone', () => {
    expect(numbers(statelessNormal([5], seed(1, 2)))).toEqual(numbers(statelessNormal([5], seed(1, 2))));
    expect(numbers(statelessNormal([5], seed(1, 2)))).not.toEqual(numbers(statelessNormal([5], seed(2, 2))));
  });

  test('have their distribution', () => {
    const { mean, variance } = tf.moments(statelessNormal([100, 100], seed(3, 4)));
    expect(numbers(mean)[0]).toBeCloseTo(0, 1);
    expect(numbers(variance)[0]).toBeCloseTo(1, 1);
    const uniform = statelessUniform([10_000], seed(3, 4));
    const [least, most] = [numbers(tf.min(uniform))[0]!, numbers(tf.max(uniform))[0]!];
    expect(least).toBeGreaterThanOrEqual(0);
    expect(least).toBeLessThan(0.01);
    expect(most).toBeGreaterThan(0.99);
    expect(most).toBeLessThan(1);
  });

  test('inside a compiled step change with the seed, and are those outside of it', () => {
    const step = engine.compile((s: Tensor1D) => statelessNormal([7], s));
    for (const s of [seed(1, 2), seed(1, 3)]) expect(numbers(step.run(s))).toEqual(numbers(statelessNormal([7], s)));
    expect(step.traces).toBe(1);
    step.dispose();
  });

  test('leave no tensors behind', () => {
    const before = tf.memory().numTensors;
    tf.tidy(() => void statelessNormal([7], seed(1, 2)));
    expect(tf.memory().numTensors).toBe(before);
  });
});

test('the native gradient of leaky ReLU is that of its parts', () => {
  const dy = randomTensor(x.shape, 'dy');
  const ours = tf.grad((y) => tf.sum(tf.mul(leakyRelu(y, 0.2), dy)))(x);
  expect(numbers(ours)).toEqual(numbers(tf.where(tf.greater(x, 0), dy, tf.mul(dy, 0.2))));
});

test.each([
  ['modulated', [1, 2, 3, 4, 5], [4, 5, 3, 2]],
  ['image', [2, 3, 4, 5], [2, 4, 5, 3]],
] as const)('the layout %s turns and turns back', (layout, shape, turned) => {
  const values = Float32Array.from({ length: 120 }, (_, i) => i);
  expect(computeShape(shape, layout)).toEqual(turned);
  const there = new Float32Array(values.length);
  toCompute(values, shape, layout, there, 0);
  expect(there).not.toEqual(values);
  expect(toStateDict(there, shape, layout)).toEqual(values);
  const permutation = layout === 'image' ? [0, 2, 3, 1] : [2, 3, 1, 0];
  const theirs = tf.transpose(tf.tensor(values, layout === 'image' ? [...shape] : shape.slice(1)), permutation);
  expect(there).toEqual(theirs.dataSync());
});
