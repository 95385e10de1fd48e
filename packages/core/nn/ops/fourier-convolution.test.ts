import { expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { loadEngine } from '../../engine/engine.ts';
import { randomTensor } from '../../testing/gradient-check.ts';
import { fourierConvolution, quickLength } from './fourier-convolution.ts';

loadEngine();

test('turns the kernel over, and keeps what the whole kernel reaches', () => {
  // by hand: the first is 1 * 5 + 0 * 4 + 2 * 2 - 1 * 1; PyTorch's conv2d with the turned kernel gives the same
  const image = tf.tensor3d([1, 2, 3, 4, 5, 6, 7, 8, 10], [3, 3, 1]);
  const result = fourierConvolution(image, tf.tensor2d([1, 0, 2, -1], [2, 2]));
  expect(result.shape).toEqual([2, 2, 1]);
  expect([...result.dataSync()].map((value) => Math.round(1e4 * value) / 1e4)).toEqual([8, 10, 14, 17]);
});

test.each([
  [
    [17, 30, 3],
    [5, 9],
  ],
  [
    [8, 8, 1],
    [8, 8],
  ],
  [
    [6, 7, 2],
    [1, 1],
  ],
])('of %j with %j is the sum over taps', (shape, kernelShape) => {
  const image = randomTensor(shape) as Tensor3D;
  const kernel = randomTensor(kernelShape) as Tensor2D;
  const turned = tf.reshape(tf.reverse(kernel, [0, 1]), [...kernel.shape, 1, 1]) as Tensor4D; // TensorFlow's convolution is a correlation
  const all = tf.tile(turned, [1, 1, shape[2]!, 1]);
  const expected = tf.depthwiseConv2d(image, all, 1, 'valid');
  const result = fourierConvolution(image, kernel);
  expect(result.shape).toEqual(expected.shape);
  expect(tf.max(tf.abs(tf.sub(result, expected))).dataSync()[0]).toBeLessThan(1e-5);
});

test('lengths are even and have no prime factor above 5', () => {
  expect([1, 2, 7, 11, 13, 31, 326, 582].map(quickLength)).toEqual([2, 2, 8, 12, 16, 32, 360, 600]);
});

test('frees what it makes on the way', () => {
  const image = randomTensor([9, 9, 3]) as Tensor3D;
  const kernel = randomTensor([3, 3]) as Tensor2D;
  const before = tf.memory().numTensors;
  fourierConvolution(image, kernel).dispose();
  expect(tf.memory().numTensors).toBe(before);
});
