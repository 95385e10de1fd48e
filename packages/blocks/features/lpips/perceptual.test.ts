import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { loadEngine, weightsOnDisk, writeSafetensors, type StateDict } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { FeatureExtractor } from '../feature-extractor.ts';
import { LpipsHeads } from './lpips-heads.ts';
import { Perceptual } from './perceptual.ts';

beforeAll(() => void loadEngine());

/** Its features are the first two channels of the image, and all three. */
const extractor: FeatureExtractor = {
  type: 'channels',
  identity: 'channels',
  substitute: false,
  differentiable: true,
  perceptualLayers: [
    { name: 'two', channels: 2 },
    { name: 'three', channels: 3 },
  ],
  sets: undefined,
  contextualLayer: undefined,
  layers: ['two', 'three'],
  minimumSide: () => 1,
  prepare: () => Promise.resolve(),
  taps: (image, layers) =>
    layers.map((name) => (name === 'two' ? tf.slice4d(image, [0, 0, 0, 0], [-1, -1, -1, 2]) : image)),
  dispose: () => {},
};

/** Heads of these weights, with other tensors that the file holds. */
function withHeads(weights: readonly (readonly number[])[], ...others: string[]): Perceptual {
  const file = join(mkdtempSync(join(tmpdir(), 'heads-')), 'heads.safetensors');
  const state: StateDict = new Map(
    weights.map((values, i) => [
      `lin${i}.model.1.weight`,
      { shape: [1, values.length, 1, 1], values: Float32Array.from(values) },
    ]),
  );
  for (const name of others) state.set(name, { shape: [1], values: Float32Array.of(0) });
  writeSafetensors(file, state);
  return new Perceptual(extractor, file, weightsOnDisk);
}

test('is the sum over the layers of the weighted squares of differences of unit vectors', async () => {
  const perceptual = withHeads([
    [2, 10],
    [1, 3, 5],
  ]);
  await perceptual.prepare();
  const [a, b] = [
    [3, 4, 0],
    [1, 0, 0],
  ].map((pixel) => tf.tensor(pixel, [1, 1, 1, 3]) as Tensor4D);
  // unit vectors (0.6, 0.8) and (1, 0): 2 (0.4)^2 + 10 (0.8)^2, and the same with a third channel of zeros
  const expected = 2 * 0.16 + 10 * 0.64 + (1 * 0.16 + 3 * 0.64);
  expect(perceptual.distances(a!, b!).dataSync()[0]).toBeCloseTo(expected, 5);
  expect(perceptual.distances(tf.concat([a!, b!]), tf.concat([a!, a!])).shape).toEqual([2]);
  perceptual.dispose();
});

test('its heads have the names and shapes of the official file', () => {
  const shapes = [...new LpipsHeads([2, 3]).parameters()].map(([name, { shape }]) => [name, [...shape]]);
  expect(shapes).toEqual([
    ['lin0.model.1.weight', [1, 2, 1, 1]],
    ['lin1.model.1.weight', [1, 3, 1, 1]],
  ]);
});

test('its file may hold the extractor of the whole LPIPS as well, and nothing else', async () => {
  const weights = [
    [1, 1],
    [1, 1, 1],
  ];
  const whole = withHeads(weights, 'net.slice1.0.weight', 'scaling_layer.shift');
  await whole.prepare();
  whole.dispose();
  for (const other of ['subnet.slice1.0.weight', 'my.scaling_layer.shift', 'network.weight']) {
    await expect(withHeads(weights, other).prepare()).rejects.toThrow(`${other}: unknown`);
  }
});
