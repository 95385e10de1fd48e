import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { loadEngine } from '../engine/engine.ts';
import { Random } from '../random/random.ts';
import { gradientError, randomTensor, secondOrderError } from '../testing/gradient-check.ts';
import { ConvTranspose2d } from './layers/conv-transpose2d.ts';
import { Conv2d, DepthwiseConv2d } from './layers/conv2d.ts';
import { EqualConv2d } from './layers/equal-conv2d.ts';
import { EqualLinear } from './layers/equal-linear.ts';
import { InstanceNorm2d } from './layers/instance-norm2d.ts';
import { LayerNorm2d } from './layers/layer-norm2d.ts';
import type { Module } from './module.ts';
import { averagePool2d } from './ops/average-pool2d.ts';
import { conv2d, depthwiseConv2d } from './ops/conv2d.ts';
import { globalAveragePool } from './ops/global-average-pool.ts';
import { handWritten } from './ops/hand-written.ts';
import { leakyRelu } from './ops/leaky-relu.ts';
import { linear } from './ops/linear.ts';
import { minibatchStddev } from './ops/minibatch-stddev.ts';
import { modulatedConv2d } from './ops/modulated-conv2d.ts';
import { normalize } from './ops/normalize.ts';
import { pixelNorm } from './ops/pixel-norm.ts';
import { pixelShuffle, pixelUnshuffle } from './ops/pixel-shuffle.ts';
import { adaptiveAveragePool2d } from './ops/adaptive-average-pool2d.ts';
import { resizeBilinear } from './ops/resize-bilinear.ts';
import { runningSum } from './ops/running-sum.ts';
import { simpleGate } from './ops/simple-gate.ts';
import { upfirdn2d } from './ops/upfirdn2d.ts';
import { Parameters } from './parameters.ts';

const TOLERANCE = 2e-3;

beforeAll(() => {
  loadEngine();
});

interface Case {
  readonly name: string;
  readonly compute: (...inputs: never[]) => Tensor;
  readonly shapes: number[][];
}

const RESAMPLINGS = [
  { name: 'up', up: 2, pad: [2, 1] },
  { name: 'down', down: 2, pad: [1, 2] },
  { name: 'up by 2, down by 3, cropped', up: 2, down: 3, pad: [-1, 2] },
] as const;

const MODULATIONS: { name: string; by?: 'up' | 'down'; demodulate: boolean }[] = [
  { name: 'plain', demodulate: true },
  { name: 'without demodulation', demodulate: false },
  { name: 'up', by: 'up', demodulate: true },
  { name: 'down', by: 'down', demodulate: true },
];

const OPS: Case[] = [
  {
    name: 'conv2d 3x3',
    compute: (x: Tensor4D, w: Tensor4D) => conv2d(x, w, { stride: 1, padding: 1 }),
    shapes: [
      [2, 4, 5, 2],
      [3, 3, 2, 3],
    ],
  },
  {
    name: 'conv2d 3x3 of few pixels',
    compute: (x: Tensor4D, w: Tensor4D) => conv2d(x, w, { stride: 1, padding: 1 }),
    shapes: [
      [1, 1, 1, 4],
      [3, 3, 4, 4],
    ],
  },
  {
    name: 'conv2d 3x3 stride 2, where same is not PyTorch',
    compute: (x: Tensor4D, w: Tensor4D) => conv2d(x, w, { stride: 2, padding: 1 }),
    shapes: [
      [1, 6, 5, 2],
      [3, 3, 2, 2],
    ],
  },
  {
    name: 'conv2d 4x4 stride 2',
    compute: (x: Tensor4D, w: Tensor4D) => conv2d(x, w, { stride: 2, padding: 1 }),
    shapes: [
      [1, 6, 4, 2],
      [4, 4, 2, 2],
    ],
  },
  {
    name: 'conv2d 1x1',
    compute: (x: Tensor4D, w: Tensor4D) => conv2d(x, w, { stride: 1, padding: 0 }),
    shapes: [
      [2, 3, 3, 3],
      [1, 1, 3, 2],
    ],
  },
  {
    name: 'depthwiseConv2d',
    compute: (x: Tensor4D, w: Tensor4D) => depthwiseConv2d(x, w, { stride: 1, padding: 1 }),
    shapes: [
      [2, 4, 3, 3],
      [3, 3, 3, 1],
    ],
  },
  {
    name: 'linear',
    compute: (x: Tensor2D, w: Tensor2D, b: Tensor1D) => linear(x, w, b),
    shapes: [[4, 3], [3, 2], [2]],
  },
  { name: 'normalize over channels', compute: (x: Tensor4D) => normalize(x, [3], 1e-6), shapes: [[2, 3, 2, 6]] },
  { name: 'normalize over pixels', compute: (x: Tensor4D) => normalize(x, [1, 2], 1e-5), shapes: [[2, 3, 3, 2]] },
  { name: 'pixelShuffle', compute: (x: Tensor4D) => pixelShuffle(x, 2), shapes: [[2, 2, 3, 8]] },
  { name: 'pixelUnshuffle', compute: (x: Tensor4D) => pixelUnshuffle(x, 2), shapes: [[2, 4, 6, 3]] },
  { name: 'runningSum', compute: (x: Tensor4D) => runningSum(x, 1), shapes: [[2, 3, 2, 4]] },
  { name: 'simpleGate', compute: (x: Tensor4D) => simpleGate(x), shapes: [[2, 2, 2, 6]] },
  {
    name: 'pad',
    compute: (x: Tensor4D) =>
      tf.pad(x, [
        [0, 0],
        [1, 2],
        [0, 1],
        [0, 0],
      ]),
    shapes: [[2, 2, 3, 2]],
  },
  { name: 'sum and mean', compute: (x: Tensor4D) => tf.add(tf.sum(x, [1, 2]), tf.mean(x, 3)), shapes: [[2, 2, 2, 2]] },
  { name: 'pixelNorm', compute: (x: Tensor2D) => pixelNorm(x), shapes: [[3, 5]] },
  { name: 'minibatchStddev', compute: (x: Tensor4D) => minibatchStddev(x, 2), shapes: [[4, 2, 2, 3]] },
  { name: 'averagePool2d', compute: (x: Tensor4D) => averagePool2d(x, { kernel: 2 }), shapes: [[2, 4, 6, 2]] },
  {
    name: 'averagePool2d with padding',
    compute: (x: Tensor4D) => averagePool2d(x, { kernel: 3, stride: 2, padding: 1 }),
    shapes: [[1, 5, 6, 2]],
  },
  { name: 'adaptiveAveragePool2d', compute: (x: Tensor4D) => adaptiveAveragePool2d(x, 2, 5), shapes: [[2, 3, 4, 2]] },
  { name: 'resizeBilinear up', compute: (x: Tensor4D) => resizeBilinear(x, 6, 5), shapes: [[2, 3, 4, 2]] },
  { name: 'resizeBilinear down', compute: (x: Tensor4D) => resizeBilinear(x, 3, 2, true), shapes: [[2, 6, 5, 2]] },
  ...RESAMPLINGS.map(({ name, ...resampling }) => ({
    name: `upfirdn2d ${name}`,
    compute: (x: Tensor4D, kernel: Tensor2D) => upfirdn2d(x, kernel, resampling),
    shapes: [
      [2, 4, 3, 2],
      [3, 4],
    ],
  })),
  ...MODULATIONS.map(({ name, ...modulation }) => ({
    name: `modulatedConv2d ${name}`,
    compute: (x: Tensor4D, weight: Tensor4D, style: Tensor2D, kernel: Tensor2D) => {
      const { by, demodulate } = modulation;
      return modulatedConv2d(x, weight, style, { demodulate, ...(by && { resample: { by, kernel } }) });
    },
    shapes: [[2, 3, 4, 2], [3, 3, 2, 3], [2, 2], ...(modulation.by ? [[4, 4]] : [])],
  })),
  { name: 'exp', compute: (x: Tensor2D) => tf.exp(x), shapes: [[3, 4]] },
  { name: 'sigmoid', compute: (x: Tensor2D) => tf.sigmoid(x), shapes: [[3, 4]] },
  { name: 'tanh', compute: (x: Tensor2D) => tf.tanh(x), shapes: [[3, 4]] },
  { name: 'elu', compute: (x: Tensor2D) => tf.elu(x), shapes: [[3, 4]] },
  { name: 'softmax', compute: (x: Tensor2D) => tf.softmax(x), shapes: [[3, 4]] },
  {
    name: 'logarithm of softmax',
    compute: (x: Tensor2D) => tf.sub(x, tf.logSumExp(x, 1, true)),
    shapes: [[3, 4]],
  },
  { name: 'globalAveragePool', compute: (x: Tensor4D) => globalAveragePool(x), shapes: [[2, 3, 4, 2]] },
];

const inputs = (shapes: number[][]) => shapes.map((shape, i) => randomTensor(shape, i));

describe('the gradient is that of finite differences', () => {
  test.each(OPS)('$name', ({ compute, shapes }) => {
    expect(gradientError(compute as () => Tensor, inputs(shapes))).toBeLessThan(TOLERANCE);
  });

  test.each(OPS)('second order: $name', ({ compute, shapes }) => {
    const squared = (...xs: Tensor[]) => tf.square((compute as (...xs: Tensor[]) => Tensor)(...xs));
    expect(secondOrderError(squared, inputs(shapes))).toBeLessThan(TOLERANCE);
  });

  test('leakyRelu, away from its kink', () => {
    const x = tf.add(randomTensor([2, 3, 3, 2]), 0) as Tensor4D;
    const away = tf.where(tf.less(tf.abs(x), 0.2), tf.onesLike(x), x) as Tensor4D;
    expect(gradientError((y) => leakyRelu(y as Tensor4D, 0.2), [away])).toBeLessThan(TOLERANCE);
    expect(secondOrderError((y) => tf.square(leakyRelu(y as Tensor4D, 0.2)), [away])).toBeLessThan(TOLERANCE);
  });
});

describe('the gradient of all parameters of a layer is that of finite differences', () => {
  const layers: [string, Module & { forward(x: never): Tensor }, number[]][] = [
    ['EqualConv2d', new EqualConv2d(2, 3, 3, (x, w) => conv2d(x, w, { stride: 1, padding: 1 }), 1.5), [1, 4, 4, 2]],
    ['EqualLinear', new EqualLinear(3, 4, { bias: 1, rate: 0.5 }), [2, 3]],
    ['Conv2d', new Conv2d(2, 3, { kernel: 3, padding: 1 }), [1, 4, 4, 2]],
    ['Conv2d stride 2 without bias', new Conv2d(2, 3, { kernel: 4, stride: 2, padding: 1, bias: false }), [1, 4, 4, 2]],
    ['DepthwiseConv2d', new DepthwiseConv2d(3, { kernel: 3, padding: 1 }), [1, 4, 4, 3]],
    ['ConvTranspose2d', new ConvTranspose2d(3, 2), [1, 2, 3, 3]],
    ['LayerNorm2d', new LayerNorm2d(5), [1, 2, 3, 5]],
    ['InstanceNorm2d', new InstanceNorm2d(2), [2, 3, 3, 2]],
  ];

  test.each(layers)('%s', (_, layer, shape) => {
    const parameters = new Parameters(layer, new Random(1));
    const compute = (vector: Tensor, x: Tensor) => parameters.use(() => layer.forward(x as never), vector as Tensor1D);
    const point = [randomTensor([parameters.count], 'weights'), randomTensor(shape)];
    expect(gradientError(compute as () => Tensor, point)).toBeLessThan(TOLERANCE);
    const squared = (...xs: Tensor[]) => tf.square(compute(...(xs as [Tensor, Tensor])));
    expect(secondOrderError(squared, point)).toBeLessThan(TOLERANCE);
    parameters.dispose();
  });
});

describe('a hand-written gradient', () => {
  const double = handWritten('double', {
    forward: ({ x }: { x: Tensor }) => ({ output: tf.mul(x, 2), kept: {} }),
    backward: (dy) => ({ x: tf.mul(dy, 3) }),
  });

  test('is the one that is used', () => {
    expect(
      tf
        .grad((x) => double({ x }))(tf.scalar(5))
        .dataSync()[0],
    ).toBe(3);
  });

  test('refuses a second derivative', () => {
    const first = tf.grad((x) => tf.square(double({ x })));
    expect(() => tf.grad((x) => first(x))(tf.scalar(5))).toThrow(/double has no second derivative/);
  });

  test('that is wrong is found by the check', () => {
    expect(gradientError((x) => double({ x }), [tf.ones([2])])).toBeGreaterThan(50 * TOLERANCE);
  });

  test('that is wrong in one element of many is found by the check', () => {
    const slips = tf.reshape(tf.oneHot(tf.tensor1d([17], 'int32'), 64, 1, 0, 'float32'), [4, 4, 4]);
    const nearly = handWritten('nearly', {
      forward: ({ x }: { x: Tensor }) => ({ output: tf.mul(x, 2), kept: {} }),
      backward: (dy) => ({ x: tf.mul(dy, tf.add(2, tf.mul(slips, 0.1))) }),
    });
    expect(gradientError((x) => nearly({ x }), [randomTensor([4, 4, 4])])).toBeGreaterThan(TOLERANCE);
  });
});
