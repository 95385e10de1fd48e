import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { loadEngine, type Engine } from '../../engine/engine.ts';
import { withoutKernel } from '../../testing/without-kernel.ts';
import {
  FOLDED_NORM,
  FOLDED_NORM_GRADIENT,
  FOLDED_SCALE_GRADIENT,
  foldedNormGradient,
  foldedScaleGradient,
  foldNorm,
} from './folded.ts';
import { COLUMN_SUMS, columnSums } from './column-sums.ts';
import { gate, GATE, GATE_GRADIENT, gateGradient } from './gate.ts';
import { layerNorm, LAYER_NORM, LAYER_NORM_GRADIENT, layerNormGradient } from './layer-norm.ts';
import { statelessNormal } from './stateless-random.ts';

let engine: Engine;

beforeAll(() => {
  engine = loadEngine();
});

const random = <T extends Tensor>(shape: number[], seed: number): T =>
  tf.add(tf.mul(statelessNormal(shape, tf.tensor1d([seed, 0], 'int32')), 2), 0.5);

const matrix = (rows: number, columns: number, seed: number) => random<Tensor2D>([rows, columns], seed);

const vector = (size: number, seed: number) => random<Tensor1D>([size], seed);

const largest = (tensor: Tensor): number => tf.max(tf.abs(tensor)).dataSync()[0]!;

const values = (results: object): Tensor[] => Object.values(results) as Tensor[];

// One row, one channel, sizes that no vector register divides, and enough for several threads.
const SIZES: [number, number][] = [
  [1, 1],
  [7, 3],
  [40, 67],
  [3000, 96],
];

type Case = [name: string, kernel: string, compute: (rows: number, columns: number) => Tensor[]];

const CASES: Case[] = [
  ['layer normalisation', LAYER_NORM, (n, c) => values(layerNorm(matrix(n, c, 1), 1e-6))],
  [
    'its gradient',
    LAYER_NORM_GRADIENT,
    (n, c) => {
      const x = layerNorm(matrix(n, c, 1), 1e-2);
      return [layerNormGradient(matrix(n, c, 2), x, matrix(n, c, 3))];
    },
  ],
  ['sums of columns', COLUMN_SUMS, (n, c) => [columnSums(matrix(n, c, 1))]],
  ['the gate', GATE, (n, c) => [gate(matrix(n, 2 * c, 1))]],
  ['its gradient', GATE_GRADIENT, (n, c) => [gateGradient(matrix(n, c, 1), matrix(n, 2 * c, 2))]],
  [
    'a normalisation in the weights',
    FOLDED_NORM,
    (n, c) =>
      values(foldNorm({ weight: matrix(n, c, 1), bias: vector(c, 2), scale: vector(n, 3), shift: vector(n, 4) })),
  ],
  [
    'its gradient',
    FOLDED_NORM_GRADIENT,
    (n, c) => {
      const convolution = { weight: matrix(n, c, 1), bias: vector(c, 2), scale: vector(n, 3), shift: vector(n, 4) };
      return values(foldedNormGradient(matrix(n, c, 5), vector(c, 6), convolution));
    },
  ],
  [
    'a scale in the weights: its gradient',
    FOLDED_SCALE_GRADIENT,
    (n, c) => {
      const convolution = { weight: matrix(n, c, 1), bias: vector(c, 2), scale: vector(c, 3) };
      return values(foldedScaleGradient(matrix(n, c, 4), vector(c, 5), convolution));
    },
  ],
];

describe.each(CASES)('%s (%s)', (_, kernel, compute) => {
  test.each(SIZES)('%d x %d: one pass gives the numbers of plain operations', (rows, columns) => {
    tf.tidy(() => {
      const run = () => compute(rows, columns);
      const [native, plain, compiled] = [run(), withoutKernel(kernel, run), engine.compile(run).run()];
      native.forEach((tensor, i) => {
        expect(tensor.shape).toEqual(plain[i]!.shape);
        expect(largest(tf.sub(tensor, plain[i]!)) / Math.max(1, largest(plain[i]!))).toBeLessThan(3e-5);
        expect(tf.all(tf.equal(compiled[i]!, tensor)).dataSync()[0]).toBe(1);
      });
    });
  });
});

test("the gate's gradient in plain operations concatenates nothing, which is slow on a GPU", () => {
  tf.tidy(() => {
    const [dy, x] = [matrix(6, 3, 1), matrix(6, 6, 2)];
    const step = engine.compile(gateGradient);
    withoutKernel(GATE_GRADIENT, () => step.run(dy, x));
    const types = engine.profile(() => step.run(dy, x)).map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['Mul', 'PadV2']));
    expect(types.filter((type) => /Concat|Pack/.test(type))).toEqual([]);
    step.dispose();
  });
});

test('shapes that do not go together are an error, not a crash', () => {
  tf.tidy(() => {
    expect(() => gateGradient(matrix(3, 4, 1), matrix(3, 7, 1)).dataSync()).toThrow(/not of 3 x 8 numbers/);
    const weights = { weight: matrix(3, 4, 1), bias: vector(5, 1), scale: vector(3, 1), shift: vector(3, 1) };
    expect(() => foldNorm(weights)).toThrow(/has not 4 numbers/);
  });
});
