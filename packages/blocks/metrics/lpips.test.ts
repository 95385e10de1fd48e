import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, jest, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { FeatureExtractor } from '../features/feature-extractor.ts';
import { SqueezeNetFeatures } from '../features/squeezenet.ts';
import type { Image } from '../images/image.ts';
import { IdentityDistanceMetric } from './identity-distance.ts';
import { LpipsMetric } from './lpips.ts';
import { PairStep } from './pairs/pair-step.ts';
import { drawnExtractor } from './testing/drawn-extractor.ts';

beforeAll(() => void loadEngine());

const plain = (width: number, height: number, ...colour: number[]): Image => ({
  width,
  height,
  data: Uint8Array.from({ length: 3 * width * height }, (_, i) => colour[i % 3]!),
});

/** Sees the image itself. */
function mirror(calls: string[] = [], change: Partial<FeatureExtractor> = {}): FeatureExtractor {
  return drawnExtractor({
    ...{ type: 'mirror', substitute: true, differentiable: true, perceptualLayers: [{ name: 'same', channels: 3 }] },
    minimumSide: (layers) => 4 * layers.length,
    prepare: async () => void calls.push('prepare'),
    dispose: () => void calls.push('dispose'),
    taps: (x, names) => names.map(() => x),
    ...change,
  });
}

test('LPIPS by a substitute is the mean squared distance of unit vectors, of images of any size that is large enough', async () => {
  const before = tf.memory().numTensors;
  const calls: string[] = [];
  const metric = new LpipsMetric({ features: mirror(calls) });
  expect(metric.minimumSide).toBe(4);
  await metric.prepare();
  // (1, 0, 0) and (0.6, 0.8, 0): 0.16 + 0.64
  for (const [width, height] of [
    [4, 4],
    [4, 9],
    [9, 4],
  ] as const) {
    const [value] = metric.measure(plain(width, height, 200, 0, 0), plain(width, height, 60, 80, 0));
    expect(value).toBeCloseTo(0.8, 4);
  }
  for (const [width, height] of [
    [3, 9],
    [9, 3],
  ] as const) {
    const image = plain(width, height, 1, 2, 3);
    expect(() => metric.measure(image, image)).toThrow(
      `lpips: an image is ${width}x${height}, but its sides must be at least 4.`,
    );
  }
  metric.dispose();
  expect(calls).toEqual(['prepare', 'dispose']);
  expect(tf.memory().numTensors).toBe(before);
});

test('its column is called after the official network that it sees by', () => {
  const weights = join(mkdtempSync(join(tmpdir(), 'lpips-')), 'weights.pth');
  writeFileSync(weights, '');
  const { columns } = new LpipsMetric({ features: new SqueezeNetFeatures({ weights }), heads: weights });
  expect(columns).toEqual([{ name: 'lpips_squeezenet', better: 'lower', digits: 4 }]);
});

test('the distance of identities makes its network ready and frees it; its images are as large as the layer needs', async () => {
  const calls: string[] = [];
  const faces = { layer: 'colours', network: 'ir-se50' } as const;
  const taps = (x: tf.Tensor4D, names: readonly string[]) => {
    calls.push(...names);
    return [tf.mean<tf.Tensor4D>(x, [1, 2], true)];
  };
  const metric = new IdentityDistanceMetric({ features: mirror(calls, { faces, taps }) });
  expect(metric.minimumSide).toBe(4);
  await metric.prepare();
  metric.measure(plain(4, 4, 1, 2, 3), plain(4, 4, 3, 2, 1));
  metric.dispose();
  expect(calls).toEqual(['prepare', 'colours', 'colours', 'dispose']);
});

test('a step for pairs is compiled once, keeps the traces of eight sizes, and may be made again', () => {
  const compile = jest.spyOn(loadEngine(), 'compile');
  const step = new PairStep((a, b) => tf.mean(tf.sub(a, b), [1, 2, 3]));
  for (let round = 1; round <= 2; round++) {
    step.prepare();
    step.prepare();
    expect(step.of(plain(2, 1, 255, 255, 255), plain(2, 1, 0, 0, 0))).toBe(1);
    expect(compile.mock.calls.map(([, options]) => options)).toEqual(Array(round).fill({ traces: 8 }));
    step.dispose();
    step.dispose();
  }
  compile.mockRestore();
  expect(() => step.of(plain(2, 1, 1, 1, 1), plain(1, 2, 1, 1, 1))).toThrow(/2x1 cannot be compared .* 1x2/);
});
