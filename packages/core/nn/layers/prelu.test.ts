import { beforeAll, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { loadEngine } from '../../engine/engine.ts';
import { Parameters } from '../parameters.ts';
import { PRelu } from './prelu.ts';

beforeAll(() => void loadEngine('cpu'));

test('PReLU has a slope for each channel below zero, with gradients for both', () => {
  const layer = new PRelu(2);
  const parameters = new Parameters(layer, new Map([['weight', { shape: [2], values: Float32Array.of(0.5, -1) }]]));
  const x = tf.tensor4d([-2, -3, 4, 5], [1, 1, 2, 2]);
  const total = (input: tf.Tensor, vector: tf.Tensor) =>
    parameters.use(() => tf.sum<tf.Scalar>(layer.forward(input as Tensor4D)), vector as tf.Tensor1D);
  expect([...parameters.use(() => layer.forward(x)).dataSync()]).toEqual([-1, 3, 4, 5]);
  const [ofInput, ofWeight] = tf.grads(total)([x, parameters.vector]);
  expect([...ofInput!.dataSync()]).toEqual([0.5, -1, 1, 1]);
  expect([...ofWeight!.dataSync()]).toEqual([-2, -3]);
});
