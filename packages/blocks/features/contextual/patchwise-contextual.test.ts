import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { FeatureExtractor } from '../feature-extractor.ts';
import { Vgg19Features } from '../vgg19.ts';
import { contextualLoss } from './contextual.ts';
import { formerContextual, PatchwiseContextual } from './patchwise-contextual.ts';

beforeAll(() => {
  loadEngine();
});

/** Its features are the colours of halves and quarters of the resolution, and their squares. */
const extractor: FeatureExtractor = {
  type: 'halves',
  identity: 'halves',
  substitute: false,
  differentiable: true,
  perceptualLayers: [],
  sets: undefined,
  contextualLayer: 'half',
  layers: ['half', 'quarter'],
  minimumSide: (layers) => (layers.includes('quarter') ? 4 : 2),
  prepare: () => Promise.resolve(),
  taps: (image, layers) =>
    layers.map((layer) => {
      const pooled = tf.avgPool(image, layer === 'half' ? 2 : 4, layer === 'half' ? 2 : 4, 'valid');
      return tf.concat([pooled, tf.square(pooled), tf.sin(tf.mul(pooled, 9))], 3) as Tensor4D;
    }),
  dispose: () => {},
};

const image = (seed: number): Tensor4D => tf.randomUniform([2, 16, 24, 3], 0, 1, 'float32', seed);
const [x, y] = [1, 2].map((seed) => () => image(seed)) as [() => Tensor4D, () => Tensor4D];
const options = { features: extractor, bandwidth: 0.4, patch: 8 };
const computed = (more: object) =>
  new PatchwiseContextual({ ...options, ...more }).compute(x(), y()).map((loss) => loss.dataSync()[0]!);

/** The mean over squares of a feature map. */
function overPlaces(layer: string, side: number, loss: (a: Tensor4D, b: Tensor4D) => number): number {
  const [a, b] = [x(), y()].map((each) => extractor.taps(each, [layer])[0]!) as [Tensor4D, Tensor4D];
  const places = Array.from({ length: a.shape[1] / side }, (_, row) =>
    Array.from({ length: a.shape[2] / side }, (__, column) => [0, row * side, column * side, 0]),
  ).flat();
  const part = (map: Tensor4D, begin: number[]): Tensor4D => tf.slice(map, begin, [2, side, side, map.shape[3]]);
  return places.reduce((sum, begin) => sum + loss(part(a, begin), part(b, begin)), 0) / places.length;
}

const towards = (a: Tensor4D, b: Tensor4D) => contextualLoss(a, b, 0.4).dataSync()[0]!;

describe('the contextual loss of patches', () => {
  // Pooling looks at no neighbours, so features of squares are squares of features.
  test.each([undefined, 'image', 'features'] as const)('cuts squares of the image or its features (%s)', (cut) => {
    const more = cut && { cut };
    expect(computed({ ...more })[0]).toBeCloseTo(overPlaces('half', 4, towards), 5);
    const both = computed({ ...more, layers: ['half', 'quarter'] })[0];
    expect(both).toBeCloseTo(overPlaces('half', 4, towards) + overPlaces('quarter', 2, towards), 5);
  });

  test('draws features of the prediction to those of the target, the other way, or both', () => {
    const forwards = overPlaces('half', 4, towards);
    const backwards = overPlaces('half', 4, (a, b) => towards(b, a));
    expect(Math.abs(forwards - backwards)).toBeGreaterThan(1e-3);
    expect(computed({ direction: 'target' })[0]).toBeCloseTo(forwards, 5);
    expect(computed({ direction: 'prediction' })[0]).toBeCloseTo(backwards, 5);
    expect(computed({ direction: 'both' })[0]).toBeCloseTo((forwards + backwards) / 2, 5);
  });

  test('compares one image with several targets', () => {
    const found = new PatchwiseContextual(options).compute(x(), y(), x()).map((loss) => loss.dataSync()[0]!);
    const toItself = overPlaces('half', 4, (a) => towards(a, a));
    expect(found).toEqual([overPlaces('half', 4, towards), toItself].map((loss) => expect.closeTo(loss, 5) as unknown));
  });

  test('sees the middle differently where the extractor looks at neighbours', () => {
    const neighbours = {
      ...extractor,
      taps: (given: Tensor4D, layers: readonly string[]) => extractor.taps(tf.avgPool(given, 3, 1, 'same'), layers),
    };
    const [cutBefore, cutAfter] = ['image', 'features'].map((cut) => computed({ features: neighbours, cut })[0]!);
    expect(Math.abs(cutBefore! - cutAfter!)).toBeGreaterThan(1e-4);
  });

  test('needs images of its patch or, where maps are cut, of the extractor', () => {
    expect(new PatchwiseContextual(options).minimumSide).toBe(8);
    const deep = { ...extractor, minimumSide: () => 12 };
    expect(new PatchwiseContextual({ ...options, features: deep, cut: 'features' }).minimumSide).toBe(12);
    expect(() => new PatchwiseContextual({ ...options, features: deep })).toThrow(
      'patch is 8, but half of "halves" needs 12.',
    );
    expect(() => new PatchwiseContextual({ ...options, features: deep, patch: 12 })).not.toThrow();
  });

  test('needs a layer and a gradient', () => {
    const without = { ...extractor, contextualLayer: undefined };
    expect(() => new PatchwiseContextual({ ...options, features: without })).toThrow(
      '"halves" has no default layer; give `layers`.',
    );
    expect(() => new PatchwiseContextual({ ...options, features: without, layers: ['half'] })).not.toThrow();
    expect(() => new PatchwiseContextual({ ...options, features: { ...extractor, differentiable: false } })).toThrow(
      '"halves" is for metrics: it has no gradient, so a loss cannot use it.',
    );
  });

  test('of VGG-19 needs as large a patch as its layer', () => {
    const weights = join(mkdtempSync(join(tmpdir(), 'contextual-')), 'weights.pth');
    writeFileSync(weights, '');
    const features = new Vgg19Features({ weights });
    expect(() => new PatchwiseContextual({ ...options, features, layers: ['relu5_1'] })).toThrow(
      'patch is 8, but relu5_1 of "vgg19" needs 16.',
    );
  });

  test('has the hashes of before it could cut features or draw the other way', () => {
    expect(formerContextual({ patch: 8, cut: 'image', direction: 'target' })).toEqual({ patch: 8 });
    expect(formerContextual({ patch: 8 })).toEqual({ patch: 8 });
    const other = { patch: 8, cut: 'features', direction: 'both' };
    expect(formerContextual(other)).toEqual(other);
  });
});
