import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { loadEngine } from '../engine/engine.ts';
import { withImageMeans } from './image-mean.ts';
import { inParallel, setParts } from './in-parallel.ts';

let ofEngine: number[];

beforeAll(() => {
  loadEngine();
  ofEngine = seen(() => inParallel(tf.zeros([4, 1, 1, 1]), counting));
});
afterAll(() => setParts(1));

const images = (...values: number[]) => tf.tensor4d(values, [values.length, 1, 1, 1]);

let sizes: number[] = [];
function counting(part: Tensor4D): Tensor4D {
  sizes.push(part.shape[0]);
  return tf.square(part);
}
/** Sizes of the parts. */
function seen(compute: () => unknown): number[] {
  sizes = [];
  compute();
  return sizes;
}

test('the engine makes a part for each of its threads, at most four, and one on a GPU', () => {
  const { device, threads } = loadEngine();
  expect(ofEngine).toHaveLength(device === 'gpu' ? 1 : Math.min(4, threads));
});

test.each([
  { parts: 1, split: [5] },
  { parts: 2, split: [3, 2] },
  { parts: 3, split: [2, 2, 1] },
  { parts: 16, split: [2, 1, 1, 1] },
])('$parts parts of five images are $split, in their order, with the gradient of the whole', ({ parts, split }) => {
  setParts(parts);
  sizes = [];
  const { value, grad } = tf.valueAndGrad((x) => inParallel(x as Tensor4D, counting))(images(1, 2, 3, 4, 5));
  expect(sizes).toEqual(split);
  expect([...value.dataSync()]).toEqual([1, 4, 9, 16, 25]);
  expect([...grad.dataSync()]).toEqual([2, 4, 6, 8, 10]);
});

test('where a network sees tiles, and means of the whole image are given, a batch has one part', () => {
  setParts(2);
  const compute = () =>
    withImageMeans(
      (features) => features,
      () => inParallel(images(1, 2), counting),
    );
  expect(seen(compute)).toEqual([2]);
});

test('no more parts than images, and one for a batch without images', () => {
  setParts(3);
  expect(seen(() => inParallel(images(1, 2), counting))).toEqual([1, 1]);
  expect(inParallel(tf.zeros([0, 2, 2, 3]), counting).shape).toEqual([0, 2, 2, 3]);
});
