import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { loadEngine } from '../../engine/engine.ts';
import { randomTensor } from '../../testing/gradient-check.ts';
import { testOwnOperation } from '../../testing/own-operation.ts';
import { modulate } from './modulate.ts';

beforeAll(() => void loadEngine());

const image = (shape: Tensor4D['shape']) => randomTensor(shape, 1) as Tensor4D;

const style = (shape: Tensor2D['shape']) => randomTensor(shape, 2) as Tensor2D;

// Channels that no vector register divides, small images that share a thread, and large ones that several threads share.
const SHAPES: Tensor4D['shape'][] = [
  [1, 1, 1, 1],
  [5, 3, 2, 20],
  [2, 5, 7, 3],
  [3, 29, 20, 67],
];

describe.each(SHAPES.map((shape) => [shape]))('of images %j', (shape) => {
  testOwnOperation(modulate, () => [image(shape), style([shape[0], shape[3]])]);
});

test('styles of other images or channels are an error, not a crash', () => {
  tf.tidy(() => {
    expect(() => modulate(image([2, 3, 3, 4]), style([1, 4]))).toThrow(
      /style has the shape \[1, 4\], but must have \[2, 4\]/,
    );
    expect(() => modulate(image([2, 3, 3, 4]), style([2, 3]))).toThrow(
      /style has the shape \[2, 3\], but must have \[2, 4\]/,
    );
  });
});
