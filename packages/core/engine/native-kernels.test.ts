import { beforeAll, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { loadEngine } from './engine.ts';

beforeAll(() => {
  loadEngine();
});

const A = [
  [1, 2, 3],
  [4, 5, 6],
];

test.each([
  [false, false, [3, 2]],
  [true, false, [2, 2]],
  [false, true, [4, 3]],
  [true, true, [4, 2]],
])('a product of matrices, transposed or not (%s, %s), is that of the definition', (ta, tb, shape) => {
  const a = tf.tensor2d(A);
  const [rows, columns] = shape as [number, number];
  const b = tf.tensor2d(
    Array.from({ length: rows * columns }, (_, i) => i - 2),
    [rows, columns],
  );
  const left = (ta ? tf.transpose(a) : a).arraySync() as number[][];
  const right = (tb ? tf.transpose(b as Tensor2D) : b).arraySync() as number[][];
  const expected = left.map((row) =>
    right[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * right[k]![j]!, 0)),
  );
  expect(tf.matMul(a, b, ta, tb).arraySync()).toEqual(expected);
});
