import { beforeAll, expect, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Image } from '../images/image.ts';
import { IdentityDistanceMetric } from './identity-distance.ts';
import { drawnExtractor } from './testing/drawn-extractor.ts';

beforeAll(() => {
  loadEngine();
});

/** Knows "faces" by their mean colours. */
const features = drawnExtractor({
  faces: { layer: 'colours', network: 'ir-se50' },
  taps: (image) => [tf.mean<Tensor4D>(image, [1, 2], true)],
});

const plain = (colour: readonly number[]): Image => ({
  width: 2,
  height: 2,
  data: Uint8Array.from([0, 1, 2, 3].flatMap(() => colour)),
});

test('is 1 - cos of the vectors', async () => {
  const metric = new IdentityDistanceMetric({ features });
  await metric.prepare();
  const of = (a: readonly number[], b: readonly number[]) => metric.measure(plain(a), plain(b))[0];
  expect(of([10, 20, 30], [20, 40, 60])).toBeCloseTo(0, 6);
  expect(of([255, 0, 0], [0, 9, 3])).toBeCloseTo(1, 6);
  expect(of([100, 100, 0], [0, 200, 0])).toBeCloseTo(1 - Math.SQRT1_2, 6);
  expect(of([0, 0, 0], [1, 2, 3])).toBe(1);
  metric.dispose();
});

test('its column names the network, or a substitute; an extractor that knows no faces is an error', () => {
  const column = (metric: IdentityDistanceMetric) => metric.columns.map(({ name }) => name);
  expect(column(new IdentityDistanceMetric({ features }))).toEqual(['identity_distance_ir_se50']);
  const substitute = new IdentityDistanceMetric({ features: { ...features, substitute: true } });
  expect(column(substitute)).toEqual(['identity_distance_substitute']);
  expect(IdentityDistanceMetric.possibleColumns).toEqual(
    expect.arrayContaining(['identity_distance_ir_se50', 'identity_distance_substitute']),
  );
  expect(() => new IdentityDistanceMetric({ features: drawnExtractor() })).toThrow(
    '"drawn" does not tell people apart; arcface and face-api-substitute do.',
  );
});
