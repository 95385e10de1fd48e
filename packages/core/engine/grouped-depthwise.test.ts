import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { KernelConfig, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { depthwiseConv2d } from '../nn/ops/conv2d.ts';
import { loadEngine, type Engine } from './engine.ts';
import { groupedDepthwise } from './grouped-depthwise.ts';

const BACKEND = 'tensorflow';
let engine: Engine;
let originals: KernelConfig[];

function register(configs: readonly KernelConfig[]): void {
  for (const config of configs) {
    tf.unregisterKernel(config.kernelName, BACKEND);
    tf.registerKernel(config);
  }
}

beforeAll(() => {
  engine = loadEngine();
  originals = groupedDepthwise(BACKEND).map(({ kernelName }) => tf.getKernel(kernelName, BACKEND));
});

afterAll(() => register(originals));

/** Value and both gradients. */
function computed(multiplier: number, stride: number): number[][] {
  const x: Tensor4D = tf.randomNormal([2, 9, 8, 4], 0, 1, 'float32', 1);
  const filter: Tensor4D = tf.randomNormal([3, 3, 4, multiplier], 0, 1, 'float32', 2);
  const convolve = (a: Tensor, b: Tensor) => depthwiseConv2d(a as Tensor4D, b as Tensor4D, { stride, padding: 1 });
  const gradients = tf.grads((a: Tensor, b: Tensor) => tf.sum(tf.square(convolve(a, b))));
  return [convolve(x, filter), ...gradients([x, filter])].map((tensor) => [...tensor.dataSync()]);
}

test.each([
  [1, 1],
  [1, 2],
  [2, 1],
])('grouped convolutions are depthwise ones: %d results a channel, stride %d', (multiplier, stride) => {
  register(originals);
  const depthwise = computed(multiplier, stride);
  register(groupedDepthwise(BACKEND));
  const close = depthwise.map((numbers) => numbers.map((number) => expect.closeTo(number, 4) as unknown));
  expect(computed(multiplier, stride)).toEqual(close);
});

test('also in a compiled step, and without garbage', () => {
  register(groupedDepthwise(BACKEND));
  const slope = (x: Tensor4D, filter: Tensor4D) =>
    tf.grad((a: Tensor) => tf.sum(tf.square(depthwiseConv2d(a as Tensor4D, filter, { stride: 1, padding: 1 }))))(x);
  const step = engine.compile(slope);
  const run = (compute: typeof slope) =>
    tf.tidy(() => [...compute(tf.ones([1, 4, 4, 3]), tf.ones([3, 3, 3, 1])).dataSync()]);
  expect(run((x, filter) => step.run(x, filter) as Tensor4D)).toEqual(run(slope));
  const before = [engine.tensors(), tf.memory().numTensors];
  run((x, filter) => step.run(x, filter) as Tensor4D);
  run(slope);
  expect([engine.tensors(), tf.memory().numTensors]).toEqual(before);
});
