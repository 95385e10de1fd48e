import * as tf from '@tensorflow/tfjs-core';
import type { KernelConfig, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { depthwiseConv2d } from '../../nn/ops/conv2d.ts';
import { loadEngine } from '../engine.ts';
import { groupedDepthwise } from '../grouped-depthwise.ts';

// Prints what the test of the grouped form compares. It is a process of its own, as a CPU has gradients of grouped convolutions by oneDNN
// only, which is chosen once a process.

const BACKEND = 'tensorflow';
const engine = loadEngine('cpu');
const grouped = groupedDepthwise(BACKEND);
const originals = grouped.map(({ kernelName }) => tf.getKernel(kernelName, BACKEND));

function register(configs: readonly KernelConfig[]): void {
  for (const config of configs) {
    tf.unregisterKernel(config.kernelName, BACKEND);
    tf.registerKernel(config);
  }
}

/** Value and both gradients. */
function computed(multiplier: number, stride: number): number[][] {
  const x: Tensor4D = tf.randomNormal([2, 9, 8, 4], 0, 1, 'float32', 1);
  const filter: Tensor4D = tf.randomNormal([3, 3, 4, multiplier], 0, 1, 'float32', 2);
  const convolve = (a: Tensor, b: Tensor) => depthwiseConv2d(a as Tensor4D, b as Tensor4D, { stride, padding: 1 });
  const gradients = tf.grads((a: Tensor, b: Tensor) => tf.sum(tf.square(convolve(a, b))));
  return [convolve(x, filter), ...gradients([x, filter])].map((tensor) => [...tensor.dataSync()]);
}

function all(configs: readonly KernelConfig[]): number[][][] {
  register(configs);
  return [computed(1, 1), computed(1, 2), computed(2, 1)];
}

const slope = (x: Tensor4D, filter: Tensor4D) =>
  tf.grad((a: Tensor) => tf.sum(tf.square(depthwiseConv2d(a as Tensor4D, filter, { stride: 1, padding: 1 }))))(x);
const step = engine.compile(slope);
const run = (compute: typeof slope) =>
  tf.tidy(() => [...compute(tf.ones([1, 4, 4, 3]), tf.ones([3, 3, 3, 1])).dataSync()]);
const both = () => [run((x, filter) => step.run(x, filter) as Tensor4D), run(slope)];
const held = () => [engine.tensors(), tf.memory().numTensors];

const numbers = { depthwise: all(originals), grouped: all(grouped) };
const [compiled, eager] = both();
const before = held();
both();
process.stdout.write(JSON.stringify({ ...numbers, compiled, eager, before, after: held() }));
