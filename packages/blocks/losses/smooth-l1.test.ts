import { beforeAll, expect, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { SmoothL1Loss } from './smooth-l1.ts';

beforeAll(() => void loadEngine());

const image = (...values: number[]) => tf.tensor4d(values, [1, 1, values.length, 1]);

test.each([
  { options: { beta: 1, signed: false, weight: 1 }, expected: (0.5 * 0.09 + 0.5 * 0.49 + 1.5) / 3 },
  { options: { beta: 0.5, signed: false, weight: 2 }, expected: (2 * (0.09 + 0.45 + 1.75)) / 3 },
  { options: { beta: 1, signed: true, weight: 1 }, expected: (0.5 * 0.36 + 0.9 + 3.5) / 3 },
])('differences of 0.3, 0.7 and 2 with $options', ({ options, expected }) => {
  const [prediction, target] = [image(0.3, -0.7, 2), image(0, 0, 0)];
  expect(new SmoothL1Loss(options).compute(prediction, target).dataSync()[0]).toBeCloseTo(expected, 5);
});

test('its gradient is the difference near the target, a constant far from it, 0 at it', () => {
  const loss = new SmoothL1Loss({ beta: 1, signed: false, weight: 4 });
  const gradient = tf.grad((x: Tensor) => loss.compute(x as Tensor4D, image(0, 0, 0, 0)))(image(0.25, -0.5, -3, 0));
  expect([...gradient.dataSync()].map((value) => value + 0)).toEqual([0.25, -0.5, -1, 0]);
});
