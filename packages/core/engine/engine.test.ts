import { beforeAll, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { UserError } from '../errors/user-error.ts';
import { loadEngine, type Engine } from './engine.ts';

let engine: Engine;

beforeAll(() => {
  engine = loadEngine();
});

test('says which device and library it runs on', () => {
  expect(engine.describe()).toMatch(/^CPU \(\d+ cores\) · TensorFlow 2\.21\.0$/);
  expect(tf.getBackend()).toBe('tensorflow');
  expect(loadEngine('cpu')).toBe(engine);
});

test('computes on as many threads as it was loaded with', () => {
  expect(loadEngine('cpu', engine.threads)).toBe(engine);
  expect(() => loadEngine('auto', engine.threads + 1)).toThrow(/computes on \d+ threads? already: \d+ need a process/);
});

test('a GPU that is asked for and missing is an error, never a silent fall back', () => {
  expect(() => loadEngine('gpu')).toThrow(UserError);
  expect(() => loadEngine('gpu')).toThrow(/"gpu" is not available/);
});

test('convolves, differentiates and leaves no tensor behind', () => {
  const before = engine.tensors();
  const gradient = tf.tidy(() => {
    const image = tf.ones([1, 3, 3, 1]) as tf.Tensor4D;
    const filter = tf.tensor4d([1, 2, 3, 4], [2, 2, 1, 1]);
    expect(tf.conv2d(image, filter, 1, 'valid').arraySync()).toEqual([
      [
        [[10], [10]],
        [[10], [10]],
      ],
    ]);
    const sum = (f: tf.Tensor) => tf.sum(tf.conv2d(image, f as tf.Tensor4D, 1, 'valid')) as tf.Scalar;
    return tf.grad(sum)(filter).dataSync();
  });
  expect([...gradient]).toEqual([4, 4, 4, 4]);
  expect(engine.tensors()).toBe(before);
});
