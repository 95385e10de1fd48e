import { afterEach, beforeAll, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { loadEngine } from '../engine/engine.ts';
import { beside, setLanes } from './beside.ts';

beforeAll(() => {
  loadEngine();
});
afterEach(() => setLanes(loadEngine().threads));

const images = (...values: number[]) => tf.tensor4d(values, [values.length, 1, 1, 1]);

test.each([
  { lanes: 1, parts: [5] },
  { lanes: 2, parts: [3, 2] },
  { lanes: 3, parts: [2, 2, 1] },
  { lanes: 16, parts: [1, 1, 1, 1, 1] },
])('$lanes lanes compute five images as $parts, in their order, with the gradient of the whole', ({ lanes, parts }) => {
  setLanes(lanes);
  const seen: number[] = [];
  const squared = (x: Tensor4D) =>
    beside(x, (part) => {
      seen.push(part.shape[0]);
      return tf.square(part);
    });
  const { value, grad } = tf.valueAndGrad((x) => squared(x as Tensor4D))(images(1, 2, 3, 4, 5));
  expect(seen).toEqual(parts);
  expect([...value.dataSync()]).toEqual([1, 4, 9, 16, 25]);
  expect([...grad.dataSync()]).toEqual([2, 4, 6, 8, 10]);
});

test('a batch without images has one part', () => {
  setLanes(2);
  expect(beside(tf.zeros([0, 2, 2, 3]), (x) => x).shape).toEqual([0, 2, 2, 3]);
});
