import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { loadEngine, type Engine } from '../../engine/engine.ts';
import { withoutKernel } from '../../testing/without-kernel.ts';
import { attend, attentionGradient } from './attention.ts';
import {
  BIASED_DEPTHWISE,
  BIASED_DEPTHWISE_GRADIENT,
  biasedDepthwise,
  biasedDepthwiseGradient,
} from './biased-depthwise.ts';
import { COLUMN_SUMS, columnSums } from './column-sums.ts';
import { FOLDED_SCALE_GRADIENT, foldedScaleGradient } from './folded.ts';
import { ATTENDED_GATE_GRADIENT, attendedGateGradient, gate, GATE, GATE_GRADIENT, gateGradient } from './gate.ts';
import { layerNorm, LAYER_NORM, LAYER_NORM_GRADIENT, layerNormGradient } from './layer-norm.ts';
import { MODULATE, STYLE_GRADIENT } from './modulate.ts';
import { withPlainOperations } from './own-operation.ts';
import { RESIDUAL, residual } from './residual.ts';
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

const IMAGES = 3;

/** The depthwise convolution of images of about so many pixels, higher than wide. */
const depthwise = (pixels: number, channels: number) => {
  const width = Math.ceil(Math.sqrt(pixels / IMAGES / 2));
  const shape = [IMAGES, Math.ceil(pixels / IMAGES / width), width, channels];
  return { x: random<Tensor4D>(shape, 1), bias: vector(channels, 2), weight: random<Tensor4D>([3, 3, channels, 1], 3) };
};

const CASES: Case[] = [
  ['layer normalisation', LAYER_NORM, (n, c) => values(layerNorm(matrix(n, c, 1), vector(c, 2), vector(c, 3), 1e-6))],
  [
    'its gradient',
    LAYER_NORM_GRADIENT,
    (n, c) => {
      const [x, scale] = [matrix(n, c, 1), vector(c, 4)];
      const { mean, inverse } = layerNorm(x, scale, vector(c, 5), 1e-2);
      return values(layerNormGradient(matrix(n, c, 2), { x, mean, inverse, scale }, matrix(n, c, 3)));
    },
  ],
  ['sums of columns', COLUMN_SUMS, (n, c) => [columnSums(matrix(n, c, 1))]],
  ['a residual', RESIDUAL, (n, c) => [residual(matrix(n, c, 1), matrix(n, c, 2), vector(c, 3))]],
  ['the gate', GATE, (n, c) => [gate(matrix(n, 2 * c, 1), vector(2 * c, 2))]],
  [
    'its gradient',
    GATE_GRADIENT,
    (n, c) => values(gateGradient(matrix(n, c, 1), matrix(n, 2 * c, 2), vector(2 * c, 3))),
  ],
  [
    'its gradient under attention',
    ATTENDED_GATE_GRADIENT,
    (n, c) => {
      const rows = IMAGES * n;
      const attended = { attention: matrix(IMAGES, c, 4), offset: matrix(IMAGES, c, 5) };
      return values(attendedGateGradient(matrix(rows, c, 1), attended, matrix(rows, 2 * c, 2), vector(2 * c, 3)));
    },
  ],
  ['channel attention', MODULATE, (n, c) => [attend(matrix(IMAGES * n, c, 1), matrix(IMAGES, c, 2))]],
  [
    'its gradient',
    STYLE_GRADIENT,
    (n, c) => [attentionGradient(matrix(IMAGES * n, c, 1), matrix(IMAGES * n, c, 2), IMAGES)],
  ],
  ['a depthwise convolution', BIASED_DEPTHWISE, (n, c) => [biasedDepthwise(depthwise(n, c))]],
  [
    'its gradient',
    BIASED_DEPTHWISE_GRADIENT,
    (n, c) => {
      const convolution = depthwise(n, c);
      return values(biasedDepthwiseGradient(random<Tensor4D>(convolution.x.shape, 4), convolution));
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
      expect(tf.getKernel(kernel, tf.getBackend())).toBeDefined();
      const [native, plain, compiled] = [run(), withPlainOperations(run), engine.compile(run).run()];
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
    const [dy, x, bias] = [matrix(6, 3, 1), matrix(6, 6, 2), vector(6, 3)] as const;
    const step = engine.compile((...inputs: [Tensor2D, Tensor2D, Tensor1D]) => gateGradient(...inputs).x);
    withoutKernel(GATE_GRADIENT, () => step.run(dy, x, bias));
    const types = engine.profile(() => step.run(dy, x, bias)).map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['Mul', 'PadV2']));
    expect(types.filter((type) => /Concat|Pack/.test(type))).toEqual([]);
    step.dispose();
  });
});

test('shapes that do not go together are an error, not a crash', () => {
  tf.tidy(() => {
    expect(() => gateGradient(matrix(3, 4, 1), matrix(3, 7, 1), vector(8, 1))).toThrow(
      /x has the shape \[3, 7\], but must have \[3, 8\]/,
    );
    expect(() => gate(matrix(3, 4, 1), vector(5, 1))).toThrow(/bias has the shape \[5\], but must have \[4\]/);
    const attended = { attention: matrix(3, 4, 1), offset: matrix(3, 4, 1) };
    const gradient = () => attendedGateGradient(matrix(7, 4, 1), attended, matrix(7, 8, 1), vector(8, 1));
    expect(gradient).toThrow(/attention has the shape \[3, 4\], but must have a row for each image/);
    const narrow = { attention: matrix(3, 3, 1), offset: matrix(3, 4, 1) };
    expect(() => attendedGateGradient(matrix(6, 4, 1), narrow, matrix(6, 8, 1), vector(8, 1))).toThrow(
      /attention has the shape \[3, 3\], but must have \[\?, 4\]/,
    );
    const convolution = depthwise(40, 5);
    expect(() => biasedDepthwise({ ...convolution, weight: random([5, 5, 5, 1], 1) })).toThrow(
      /weight has the shape \[5, 5, 5, 1\], but must have \[3, 3, 5, 1\]/,
    );
    expect(() => biasedDepthwiseGradient(random([3, 2, 2, 5], 1), convolution)).toThrow(
      /dy has the shape \[3, 2, 2, 5\], but must have \[3, 5, 3, 5\]/,
    );
  });
});
