import { beforeAll, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { loadEngine } from '../../engine/engine.ts';
import { conv2d } from './conv2d.ts';

beforeAll(() => void loadEngine());

test.each([1, 3, 5])(
  'a convolution of few pixels is that of TensorFlow, and so are its gradients (kernel of side %d)',
  (kernel) => {
    tf.tidy(() => {
      const x: Tensor4D = tf.randomNormal([2, 2, 3, 48], 0, 1, 'float32', 1);
      const weight: Tensor4D = tf.randomNormal([kernel, kernel, 48, 64], 0, 1, 'float32', 2);
      const dy: Tensor4D = tf.randomNormal([2, 2, 3, 64], 0, 1, 'float32', 3);
      const gradients = (convolve: (x: Tensor4D, weight: Tensor4D) => Tensor4D) => {
        const { value, grads } = tf.valueAndGrads((...[x, weight]) => convolve(x as Tensor4D, weight as Tensor4D))(
          [x, weight],
          dy,
        );
        return [value, ...grads];
      };
      const own = gradients((x, weight) => conv2d(x, weight, { stride: 1, padding: (kernel - 1) / 2 }));
      const expected = gradients((x, weight) => tf.conv2d(x, weight, 1, 'same'));
      own.forEach((tensor, i) => expect(relativeError(tensor, expected[i]!)).toBeLessThan(1e-6));
    });
  },
);

function relativeError(tensor: Tensor, expected: Tensor): number {
  expect(tensor.shape).toEqual(expected.shape);
  const largest = (values: Tensor) => tf.max(tf.abs(values)).dataSync()[0]!;
  return largest(tf.sub(tensor, expected)) / largest(expected);
}
