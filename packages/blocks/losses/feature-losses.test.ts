import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { catalogue, loadEngine, UserError, weightsOnDisk } from '@dualprior/core';
import { Value } from '@sinclair/typebox/value';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { FeatureExtractor } from '../features/feature-extractor.ts';
import { formerContextual } from '../features/contextual/patchwise-contextual.ts';
import { ContextualLoss } from './contextual.ts';
import { FusionContextualLoss } from './fusion-contextual.ts';
import { IdentityLoss } from './identity.ts';
import { LpipsLoss } from './lpips.ts';
import type { Loss, LossContext } from './loss.ts';
import { PerceptualLoss } from './perceptual.ts';
import { WeightedSumLoss } from './weighted-sum.ts';

/** What the losses that see by an extractor have in common. */

let calls: string[];

beforeAll(() => void loadEngine());
beforeEach(() => {
  calls = [];
});

/** Sees the image itself, and its square. */
function mirror(change: Partial<FeatureExtractor> = {}): FeatureExtractor {
  return {
    ...{ type: 'mirror', identity: 'mirror', substitute: true, differentiable: true, contextualLayer: 'same' },
    ...{ layers: ['same', 'square'], sets: undefined },
    perceptualLayers: ['same', 'square'].map((name) => ({ name, channels: 2 })),
    minimumSide: (layers) => 2 * layers.length,
    prepare: async () => void calls.push('prepare'),
    dispose: () => void calls.push('dispose'),
    taps: (x, names) => names.map((name) => (name === 'same' ? x : tf.square(x))),
    ...change,
  };
}

const contextual = { bandwidth: 0.5, patch: 2, layers: ['same'] };

const LOSSES: [name: string, make: (features: FeatureExtractor, weight?: number) => Loss, side: number][] = [
  ['lpips', (features, weight = 1) => new LpipsLoss({ features, weight }, weightsOnDisk), 4],
  ['perceptual', (features, weight = 1) => new PerceptualLoss({ features, weight, content: 1, style: 1 }), 4],
  ['contextual', (features, weight = 1) => new ContextualLoss({ features, weight, ...contextual }), 2],
  [
    'fusion_contextual',
    (features, weight = 1) =>
      new FusionContextualLoss({ features, weight, ...contextual, lambdaRegressed: 1, lambdaInverted: 2 }),
    2,
  ],
];

const image = (...values: number[]): Tensor4D => tf.tensor4d(values, [1, 2, 2, 2]);
const A = [3, 4, 1, 0, 5, 12, 8, 6];
const B = [0, 1, 1, 0, 5, 12, 6, 8];

const read = (loss: Loss, context?: LossContext) => loss.compute(image(...A), image(...B), context).dataSync()[0]!;
const context = () => ({ regressed: image(...B), inverted: image(...A) });

describe.each(LOSSES)('%s', (name, make, side) => {
  test('is called a substitute where it sees by one', () => {
    expect(make(mirror()).label).toBe(`${name}_substitute`);
  });

  test('needs images that are as large as its extractor needs', () => {
    expect(make(mirror()).minimumSide).toBe(side);
  });

  test('makes its extractor ready, and frees it', async () => {
    const loss = make(mirror());
    expect(calls).toEqual([]);
    await loss.prepare!();
    expect(calls).toEqual(['prepare']);
    loss.dispose!();
    expect(calls).toEqual(['prepare', 'dispose']);
  });

  test('is refused an extractor without a gradient', () => {
    expect(() => make(mirror({ differentiable: false }))).toThrow('"mirror" is for metrics: it has no gradient');
  });

  test('has its weight as a factor', () => {
    const value = read(make(mirror()), context());
    expect(value).toBeGreaterThan(0.01);
    expect(read(make(mirror(), 4), context()) / value).toBeCloseTo(4, 4);
  });
});

test.each(LOSSES.slice(1))('%s is called by its name where it sees by an official extractor', (name, make) => {
  expect(make(mirror({ substitute: false })).label).toBe(name);
});

test('lpips is called by its name where it sees by an official extractor', () => {
  const heads = join(mkdtempSync(join(tmpdir(), 'heads-')), 'heads.pth');
  writeFileSync(heads, '');
  const features = mirror({ substitute: false, type: 'vgg16' });
  expect(new LpipsLoss({ features, heads, weight: 1 }, weightsOnDisk).label).toBe('lpips');
});

test('lpips by a substitute is the mean over layers, positions and images of the squared distance of unit vectors', () => {
  const unit = ([a, b]: [number, number]) => [a / Math.hypot(a, b), b / Math.hypot(a, b)] as const;
  const pairs = (values: readonly number[]) => [0, 2, 4, 6].map((i): [number, number] => [values[i]!, values[i + 1]!]);
  const distance = (power: number) => {
    const [ours, theirs] = [A, B].map((values) => pairs(values.map((value) => value ** power)).map(unit));
    const squares = ours!.map(([a, b], i) => (a - theirs![i]![0]) ** 2 + (b - theirs![i]![1]) ** 2);
    return squares.reduce((sum, square) => sum + square, 0) / 4;
  };
  const expected = (distance(1) + distance(2)) / 2;
  expect(read(new LpipsLoss({ features: mirror(), weight: 1 }, weightsOnDisk))).toBeCloseTo(expected, 5);
  const twice = tf.concat([image(...A), image(...B)]);
  const other = tf.concat([image(...B), image(...B)]);
  const value = new LpipsLoss({ features: mirror(), weight: 1 }, weightsOnDisk).compute(twice, other).dataSync()[0]!;
  expect(value).toBeCloseTo(expected / 2, 5);
});

/** L_cx of features of 2x2 positions and 2 channels (Mechrez et al. 2018; contextual_loss_pytorch:functional.py), with h = 0.5. */
function contextualOf(x: readonly number[], y: readonly number[]): number {
  const points = (values: readonly number[]) => [0, 2, 4, 6].map((i) => [values[i]!, values[i + 1]!] as const);
  const mean = [0, 1].map((c) => points(y).reduce((sum, point) => sum + point[c]! / 4, 0));
  const centred = (values: readonly number[]) =>
    points(values).map(([a, b]) => {
      const [u, v] = [a - mean[0]!, b - mean[1]!];
      return [u / Math.hypot(u, v), v / Math.hypot(u, v)] as const;
    });
  const affinity = centred(x).map((p) => {
    const distances = centred(y).map((q) => 1 - p[0] * q[0] - p[1] * q[1]);
    const weights = distances.map((d) => Math.exp((1 - d / (Math.min(...distances) + 1e-5)) / 0.5));
    const sum = weights.reduce((all, weight) => all + weight, 0);
    return weights.map((weight) => weight / sum);
  });
  const best = [0, 1, 2, 3].map((j) => Math.max(...affinity.map((row) => row[j]!)));
  return -Math.log(best.reduce((sum, value) => sum + value, 0) / 4 + 1e-5);
}

test('contextual pulls the prediction to the target, by its formula', () => {
  expect(contextualOf(A, B)).not.toBeCloseTo(contextualOf(B, A), 3);
  const loss = new ContextualLoss({ features: mirror(), weight: 1, ...contextual });
  expect(read(loss)).toBeCloseTo(contextualOf(A, B), 4);
});

test('contextual pulls the other way, or both ways', () => {
  const loss = (direction: 'target' | 'prediction' | 'both') =>
    read(new ContextualLoss({ features: mirror(), weight: 1, ...contextual, direction }));
  expect(loss('target')).toBeCloseTo(contextualOf(A, B), 4);
  expect(loss('prediction')).toBeCloseTo(contextualOf(B, A), 4);
  expect(loss('both')).toBeCloseTo((contextualOf(A, B) + contextualOf(B, A)) / 2, 4);
});

test('what says what is the case anyway changes no hash', () => {
  const counted = { patch: 32, bandwidth: 0.5 };
  expect(formerContextual({ ...counted, cut: 'image', direction: 'target' })).toEqual(counted);
  const others = { ...counted, cut: 'features', direction: 'both' };
  expect(formerContextual(others)).toEqual(others);
});

test('terms and layers are not empty, and no layer weighs nothing', () => {
  const allows = (type: string, option: string, value: unknown) =>
    Value.Check(catalogue.find('loss', type)!.declaration.options.properties[option]!, value);
  const layers = [{ conv1_2: 0.1 }, {}, { conv1_2: 0.1, conv2_2: 0 }];
  expect(layers.map((value) => allows('perceptual', 'layers', value))).toEqual([true, false, false]);
  expect([[], {}].map((value) => allows('weighted-sum', 'terms', value))).toEqual([false, false]);
});

test('by default contextual sees the layer of the extractor that is meant for it', () => {
  const { bandwidth, patch } = contextual;
  const loss = (change: Partial<FeatureExtractor>) =>
    new ContextualLoss({ features: mirror(change), weight: 1, bandwidth, patch });
  const squares = (values: number[]) => values.map((value) => value ** 2);
  expect(read(loss({ contextualLayer: 'square' }))).toBeCloseTo(contextualOf(squares(A), squares(B)), 4);
  expect(() => loss({ contextualLayer: undefined })).toThrow('"mirror" has no default layer; give `layers`.');
});

test('fusion-contextual needs both images, whatever the target is', () => {
  const loss = new FusionContextualLoss({
    ...{ features: mirror(), weight: 1, ...contextual },
    ...{ lambdaRegressed: 0.3, lambdaInverted: 0.7 },
  });
  expect(loss.needs).toEqual(['regressed', 'inverted']);
  const C = [2, 1, 0, 3, 1, 1, 4, 0];
  const value = read(loss, { regressed: image(...B), inverted: image(...C) });
  expect(value).toBeCloseTo(0.3 * contextualOf(A, B) + 0.7 * contextualOf(A, C), 4);
});

describe('perceptual', () => {
  const make = (change: Partial<FeatureExtractor>) =>
    new PerceptualLoss({ features: mirror(change), weight: 1, content: 1, style: 0 });
  const same = { taps: (x: Tensor4D, names: readonly string[]) => names.map(() => x) };
  const difference = A.reduce((sum, value, i) => sum + Math.abs(value - B[i]!) / 8, 0);

  test("weighs VGG-19's layers as GFP-GAN does", () => {
    expect(read(make({ type: 'vgg19', ...same }))).toBeCloseTo((0.1 + 0.1 + 1 + 1 + 1) * difference, 4);
    const seen: (readonly string[])[] = [];
    const taps = (x: Tensor4D, names: readonly string[]) => {
      seen.push(names);
      return names.map((name) => tf.mul<Tensor4D>(x, name.startsWith('conv1') ? 2 : 1)); // the first layer counts 0.1
    };
    expect(read(make({ type: 'vgg19', taps }))).toBeCloseTo(3.3 * difference, 4);
    const layers = ['conv1_2', 'conv2_2', 'conv3_4', 'conv4_4', 'conv5_4'];
    expect(seen).toEqual([layers, layers]);
  });

  test('takes the layers that LPIPS compares of another extractor; without any they must be named', () => {
    expect(read(make(same))).toBeCloseTo(2 * difference, 4);
    expect(() => make({ perceptualLayers: [] })).toThrow(/there are no layers of "mirror" to take by default/);
  });
});

describe('identity', () => {
  test.each([
    ['resnet18', 'GFPGAN: arcface_resnet18.pth'],
    ['ir-se50', 'GPEN: model_ir_se50.pth'],
  ] as const)('without weights of %s it is absent, and an error where it is used', async (architecture, file) => {
    const loss = new IdentityLoss({ architecture, weight: 1 }, weightsOnDisk);
    expect(loss.absent).toBe(`"identity" has no \`weights\` of "${architecture}" (${file})`);
    await expect(loss.prepare()).rejects.toThrow(UserError);
    await expect(loss.prepare()).rejects.toThrow(`${loss.absent!}. Give them, or leave the loss out.`);
    expect(() => loss.dispose()).not.toThrow();
  });
});

describe('weighted-sum', () => {
  const plain = (change: Partial<Loss>): Loss => ({ compute: () => tf.scalar(1), ...change });

  test('needs images as large as the term that needs the largest', () => {
    const sides = (...all: (number | undefined)[]) =>
      new WeightedSumLoss({
        terms: all.map((minimumSide, i) =>
          plain({ label: `term${i}`, ...(minimumSide !== undefined && { minimumSide }) }),
        ),
      }).minimumSide;
    expect([sides(3, 8, undefined), sides(undefined), sides(5)]).toEqual([8, 1, 5]);
  });

  test('needs of the context what its terms need, each once, and names a term by its label', () => {
    const terms = [
      plain({ needs: ['logits', 'regressed'], label: 'a' }),
      plain({ needs: ['regressed', 'inverted'], label: 'b', compute: () => tf.scalar(2) }),
    ];
    const loss = new WeightedSumLoss({ terms });
    expect(loss.needs).toEqual(['logits', 'regressed', 'inverted']);
    const values = [...loss.terms(image(...A), image(...B))].map(([name, value]) => [name, value.dataSync()[0]]);
    expect(values).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
  });

  test('makes ready and frees also terms of which nothing is to be made ready or freed', async () => {
    const features = mirror();
    const terms = [plain({ label: 'a' }), new LpipsLoss({ features, weight: 1 }, weightsOnDisk)];
    const loss = new WeightedSumLoss({ terms });
    await loss.prepare();
    loss.dispose();
    expect(calls).toEqual(['prepare', 'dispose']);
  });

  test('hashes know each term as {weight, loss, name}, and the loss with a weight of 1, if it has one', () => {
    const { formerly } = catalogue.find('loss', 'weighted-sum')!.declaration;
    const list = [
      { type: 'lpips', weight: 10, toY: true },
      { type: 'psnr', weight: 3, toY: false },
      { type: 'own', factor: 2 },
      { type: 'l1' },
    ];
    const counted = [
      { type: 'lpips', weight: 10, toY: true }, // options beside the type
      { type: 'psnr', options: { weight: 3, toY: false } },
      { type: 'own', options: { factor: 2 } },
      { type: 'l1' },
    ];
    const was = [
      { weight: 10, loss: { type: 'lpips', weight: 1, toY: true } },
      { weight: 3, loss: { type: 'psnr', options: { weight: 1, toY: false } } },
      { weight: 1, loss: { type: 'own', options: { factor: 2 } } },
      { weight: 1, loss: { type: 'l1' } },
    ];
    expect(formerly!({ terms: counted }, { terms: list })).toEqual({ terms: was, weight: 1 });
    const map = (from: readonly object[]) => ({ terms: { near: from[1], far: from[3] } });
    const named = [
      { ...was[1], name: 'near' },
      { ...was[3], name: 'far' },
    ];
    expect(formerly!(map(counted), map(list))).toEqual({ terms: named, weight: 1 });
  });

  test('a term that is no component is called a term', () => {
    const loss = new WeightedSumLoss({ terms: [plain({})] });
    expect([...loss.terms(image(...A), image(...B)).keys()]).toEqual(['term']);
  });
});
