import { beforeAll, expect, test } from '@jest/globals';
import { BatchNorm2d, Conv2d, Parameters, Random, type Module } from '@dualprior/core/nn';
import { loadEngine } from '@dualprior/core';
import type { Optimizer } from '@dualprior/blocks';
import * as tf from '@tensorflow/tfjs-core';
import { PhasedStep } from './phased-step.ts';
import { checkAccumulate, split } from './accumulated.ts';

beforeAll(() => void loadEngine());

test('a batch is split in the order of its images', () => {
  const pixels = (first: number) => Float32Array.from({ length: 4 * 1 * 2 * 3 }, (_, i) => first + i);
  const shown = ['a', 'b', 'c', 'd'].map((name) => ({ name, flipped: false }));
  const [left, right] = split(
    { degraded: pixels(0), sharp: pixels(100), shape: [4, 1, 2, 3], shown, unreadable: [] },
    2,
  );
  expect([left!.shape, right!.shape]).toEqual([
    [2, 1, 2, 3],
    [2, 1, 2, 3],
  ]);
  expect([...right!.degraded]).toEqual([12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]);
  expect([...left!.sharp].at(-1)).toBe(111);
  expect(right!.shown.map(({ name }) => name)).toEqual(['c', 'd']);
});

test('so is what was drawn of its degraded images', () => {
  const blur = (side: number) => ({
    width: 2,
    height: 1,
    around: new Float32Array(6),
    kernel: { side, weights: new Float32Array(side) },
    noise: undefined,
    isLight: false,
    quantize: true,
  });
  const shown = ['a', 'b', 'c', 'd'].map((name) => ({ name, flipped: false }));
  const batch = { degraded: new Float32Array(), sharp: new Float32Array(24), shown, unreadable: [] };
  const parts = split({ ...batch, shape: [4, 1, 2, 3], blurs: [1, 3, 5, 7].map(blur) }, 2);
  expect(parts.map(({ blurs }) => blurs!.map(({ kernel }) => kernel.side))).toEqual([
    [1, 3],
    [5, 7],
  ]);
});

test('a network with batch normalisation is refused by name', () => {
  const of = (module: Module) => ({
    reference: 'restore.net',
    module,
    parameters: new Parameters(module, new Random(0)),
  });
  const normalised = of(new BatchNorm2d(4));
  expect(() => checkAccumulate(normalised, { size: 2, accumulate: 3 })).toThrow(
    /batch\.accumulate is 3, but "restore\.net" has batch normalisation/,
  );
  expect(() => checkAccumulate(normalised, { size: 2 })).not.toThrow();
  expect(() => checkAccumulate(of(new Conv2d(3, 3, { kernel: 1 })), { size: 2, accumulate: 3 })).not.toThrow();
});

test.each([
  [1, 0],
  [3, 1],
])('a step of %d batches holds %d sums of gradients, and frees them', (accumulate, sums) => {
  const module = new Conv2d(3, 3, { kernel: 1 });
  const parameters = new Parameters(module, new Random(0));
  const before = tf.memory().numTensors;
  const optimizer = { state: () => new Map(), witnesses: () => [] } as unknown as Optimizer;
  const network = { network: { reference: 'net', module, parameters }, optimizer };
  const step = new PhasedStep({ networks: { network }, phases: [] }, accumulate);
  expect(tf.memory().numTensors).toBe(before + sums);
  step.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
