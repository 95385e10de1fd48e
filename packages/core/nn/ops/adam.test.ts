import { beforeAll, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { loadEngine } from '../../engine/engine.ts';
import { Stream } from '../../random/stream.ts';
import { withoutKernel } from '../../testing/without-kernel.ts';
import { ADAM, adam, type AdamVectors } from './adam.ts';
import { GRADIENT_NORM, gradientNorm } from './gradient-norm.ts';
import { MIX, mix } from './mix.ts';

beforeAll(() => void loadEngine());

// More than one part of work, parts that hold several parameters and parameters that reach over several parts.
const SIZES = [70_000, 1, 3, 200_001, 64];
const COUNT = SIZES.reduce((sum, size) => sum + size);

const drawn = new Map<string, Float32Array>();

/** Normal numbers, each vector drawn once. */
function random(size: number, seed: number): tf.Tensor1D {
  const key = `${size} ${seed}`;
  const stream = new Stream(key);
  const values = drawn.get(key) ?? Float32Array.from({ length: size }, () => stream.normal());
  drawn.set(key, values);
  return tf.tensor1d(values);
}

const gradient = (): Tensor[] => SIZES.map((size, i) => random(size, 10 + i));

function difference(a: Tensor, b: Tensor): number {
  expect(a.shape).toEqual(b.shape);
  return tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;
}

test.each([
  { penalty: 0, kept: 0.99, scale: 0.3 },
  { penalty: 0.1, kept: 1, scale: 1 },
])('Adam in one pass equals Adam operation by operation: %j', ({ penalty, ...factors }) => {
  tf.tidy(() => {
    const vectors = { weights: random(COUNT, 1), mean: random(COUNT, 2), meanSquare: tf.square(random(COUNT, 3)) };
    const [scale, kept] = [factors.scale, factors.kept].map((value) => tf.scalar(value)) as [Scalar, Scalar];
    const update = () =>
      adam(
        vectors as AdamVectors,
        gradient(),
        { betas: [0.9, 0.999], epsilon: 1e-8, penalty },
        { scale, kept, learningRate: tf.scalar(1e-2), step: tf.tensor1d([7]) },
      );
    const [native, plain] = [update(), withoutKernel(ADAM, update)];
    for (const name of ['weights', 'mean', 'meanSquare'] as const) {
      expect(difference(native[name], plain[name])).toBeLessThan(2e-6);
      expect(difference(native[name], vectors[name] as Tensor)).toBeGreaterThan(1e-3);
    }
  });
});

test('the norm of a gradient in pieces, and what is mixed, equal those of plain operations', () => {
  tf.tidy(() => {
    const norm = () => gradientNorm(gradient());
    expect(difference(norm(), withoutKernel(GRADIENT_NORM, norm))).toBeLessThan(1e-2); // of 520
    const mixed = () => mix(random(COUNT, 1), random(COUNT, 2), tf.scalar(0.75));
    expect(difference(mixed(), withoutKernel(MIX, mixed))).toBeLessThan(1e-6);
  });
});

test('numbers that do not go together are an error, not a crash', () => {
  tf.tidy(() => {
    const vectors = { weights: random(5, 1), mean: random(5, 2), meanSquare: random(5, 3) };
    const one = tf.scalar(1);
    const rule = { betas: [0.9, 0.999] as const, epsilon: 1e-8, penalty: 0 };
    const factors = { scale: one, kept: one, learningRate: one, step: tf.tensor1d([1]) };
    expect(() => adam(vectors, [random(4, 4)], rule, factors)).toThrow(
      /weights has the shape \[5\], but must have as many numbers as all gradients: 4/,
    );
  });
});
