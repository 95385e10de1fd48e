import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { FeatureExtractor } from '../features/feature-extractor.ts';
import { gram, PerceptualLoss } from './perceptual.ts';

beforeAll(() => void loadEngine());

const image = (...values: number[]) => tf.tensor4d(values, [1, 1, values.length / 2, 2]);

/** Sees the image itself, and its double. */
const mirror = {
  type: 'mirror',
  differentiable: true,
  substitute: false,
  minimumSide: () => 1,
  perceptualLayers: [{ name: 'same' }, { name: 'double' }],
  taps: (x: Tensor4D, names: string[]) => names.map((name) => (name === 'same' ? x : tf.mul(2, x))),
} as unknown as FeatureExtractor;

const valueOf = (loss: PerceptualLoss, a: Tensor4D, b: Tensor4D) => loss.compute(a, b).dataSync()[0]!;

describe('perceptual', () => {
  const [a, b] = [() => image(1, 2, 3, 4), () => image(1, 0, 0, 4)];
  // Gram matrices: a [10, 14; 14, 20] / 4, b [1, 0; 0, 16] / 4.
  const [content, style] = [(0 + 2 + 3 + 0) / 4, (9 + 14 + 14 + 4) / 4 / 4];

  test('the Gram matrix is the mean product of channels', () => {
    expect([...gram(a()).dataSync()]).toEqual([2.5, 3.5, 3.5, 5]);
  });

  test.each([
    { options: { content: 1, style: 0 }, layers: { same: 1 }, expected: content },
    { options: { content: 0, style: 50 }, layers: { same: 1 }, expected: 50 * style },
    { options: { content: 2, style: 3 }, layers: { same: 0.1 }, expected: 0.1 * (2 * content + 3 * style) },
    { options: { content: 1, style: 1 }, layers: undefined, expected: 3 * content + 5 * style }, // the Gram matrix of the double is fourfold
  ])('$options of layers $layers', ({ options, layers, expected }) => {
    const loss = new PerceptualLoss({ features: mirror, weight: 2, ...options, ...(layers && { layers }) });
    expect(valueOf(loss, a(), b())).toBeCloseTo(2 * expected, 4);
    expect(valueOf(loss, a(), a())).toBe(0);
    const gradient = tf.grad((x: Tensor) => loss.compute(x as Tensor4D, a()))(a());
    expect([...gradient.dataSync()].every((value) => value === 0)).toBe(true);
  });

  test('neither content nor style is an error', () => {
    expect(() => new PerceptualLoss({ features: mirror, weight: 1, content: 0, style: 0 })).toThrow(/both 0/);
  });
});
