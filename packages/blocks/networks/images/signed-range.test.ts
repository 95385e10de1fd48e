import { expect, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import { toSigned, toUnit } from './signed-range.ts';

loadEngine();

test('black, a quarter and white are -1, -0.5 and 1, and back', () => {
  const image = tf.tensor4d([0, 0.25, 1], [1, 1, 1, 3]);
  expect([...toSigned(image).dataSync()]).toEqual([-1, -0.5, 1]);
  expect([...toUnit(toSigned(image)).dataSync()]).toEqual([0, 0.25, 1]);
});
