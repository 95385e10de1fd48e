import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { loadEngine, type Engine } from '../../engine/engine.ts';
import { randomTensor } from '../../testing/gradient-check.ts';
import { testOwnOperation } from '../../testing/own-operation.ts';
import { FUSED_LEAKY_RELU_GRADIENT, fusedLeakyRelu } from './fused-leaky-relu.ts';

let engine: Engine;

beforeAll(() => {
  engine = loadEngine();
});

const compute = (x: Tensor, bias: Tensor1D) => fusedLeakyRelu(x, bias, 0.7);

// Latents, channels that no vector register divides, and enough pixels for several threads.
describe.each([[[1, 1]], [[3, 20]], [[2, 5, 7, 3]], [[3, 17, 16, 67]]])('of %j', (shape) => {
  testOwnOperation(compute, () => [randomTensor(shape, 1), randomTensor(shape.slice(-1), 2) as Tensor1D]);
});

test('gradients of both inputs take one operation', () => {
  tf.tidy(() => {
    const inputs = [randomTensor([2, 4, 4, 3]), randomTensor([3])];
    const step = engine.compile((...xs: Tensor[]) =>
      tf.grads((x: Tensor, bias: Tensor) => compute(x, bias as Tensor1D))(xs),
    );
    step.run(...inputs);
    const types = engine.profile(() => step.run(...inputs)).map(({ type }) => type);
    expect(types.filter((type) => type === FUSED_LEAKY_RELU_GRADIENT)).toHaveLength(1);
    expect(types).not.toContain('Sum');
    step.dispose();
  });
});

test('a bias of other channels is an error, not a crash', () => {
  tf.tidy(() =>
    expect(() => compute(tf.ones([2, 3]), tf.ones([2]))).toThrow(/bias has the shape \[2\], but must have \[3\]/),
  );
});
