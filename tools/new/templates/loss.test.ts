import { beforeAll, expect, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { MyLoss } from './loss.ts';

beforeAll(() => void loadEngine());

const image = (...values: number[]) => tf.tensor4d(values, [1, 1, values.length, 1]);

test.each([
  { options: { power: 2, weight: 1 }, expected: (0.3 ** 2 + 0.5 ** 2) / 2 },
  { options: { power: 3, weight: 10 }, expected: (10 * (0.3 ** 3 + 0.5 ** 3)) / 2 },
])('differences of 0.3 and -0.5 with $options', ({ options, expected }) => {
  const loss = new MyLoss(options).compute(image(0.5, 0.1), image(0.2, 0.6));
  expect(loss.dataSync()[0]).toBeCloseTo(expected, 6);
});

test('its gradient is power |x|^(power - 1) sign(x) / count', () => {
  const loss = new MyLoss({ power: 3, weight: 1 });
  const gradient = tf.grad((x: Tensor) => loss.compute(x as Tensor4D, image(0, 0)))(image(0.5, -1));
  expect([...gradient.dataSync()]).toEqual([(3 * 0.5 ** 2) / 2, -3 / 2].map((value) => expect.closeTo(value, 6)));
});
