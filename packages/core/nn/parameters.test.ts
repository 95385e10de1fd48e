import { beforeAll, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { loadEngine } from '../engine/engine.ts';
import { UserError } from '../errors/user-error.ts';
import { Random } from '../random/random.ts';
import { constant } from './initializers.ts';
import { Conv2d, DepthwiseConv2d } from './layers/conv2d.ts';
import { Module } from './module.ts';
import { Buffer } from './parameter.ts';
import { Parameters } from './parameters.ts';
import { gradientOf } from './gradients-of.ts';

beforeAll(() => {
  loadEngine();
});

class Net extends Module {
  readonly blocks = [
    new Conv2d(2, 3, { kernel: 3, padding: 1 }),
    new DepthwiseConv2d(3, { kernel: 3, padding: 1 }),
  ] as const;
  readonly mean = new Buffer<Tensor1D>([3], constant(0.5), 'channels');

  forward(x: Tensor4D): Tensor4D {
    return tf.add(this.blocks[1].forward(this.blocks[0].forward(x)), this.mean.value);
  }
}

const create = (seed = 0) => new Parameters(new Net(), new Random(seed), 'net');

test('names, order and shapes are those of the state dict, buffers too', () => {
  const shapes = [...create().stateDict()].map(([name, { shape }]) => [name, ...shape]);
  expect(shapes).toEqual([
    ['blocks.0.weight', 3, 2, 3, 3],
    ['blocks.0.bias', 3],
    ['blocks.1.weight', 3, 1, 3, 3],
    ['blocks.1.bias', 3],
    ['mean', 3],
  ]);
});

test('parameters of whole blocks of 64 bytes come first in the vector', () => {
  class Mixed extends Module {
    readonly odd = new Conv2d(2, 3, { kernel: 3 });
    readonly even = new Conv2d(4, 16, { kernel: 1 });
    readonly last = new Conv2d(1, 1, { kernel: 1 });
  }
  const parameters = new Parameters(new Mixed(), new Random(1));
  const order = ['even.weight', 'even.bias', 'odd.weight', 'odd.bias', 'last.weight', 'last.bias'];
  expect(parameters.names).toEqual(order);
  expect([...parameters.stateDict().keys()]).toEqual([...order.slice(2, 4), ...order.slice(0, 2), ...order.slice(4)]);
  tf.tidy(() => {
    const pieces = parameters.pieces();
    const { vector, module } = parameters;
    const even = (module as Mixed).even;
    expect(pieces.map(({ shape }) => shape).slice(0, 2)).toEqual([[1, 1, 4, 16], [16]]);
    parameters.use(() => expect(even.bias!.value.dataSync()).toEqual(vector.dataSync().slice(64, 80)));
  });
});

test('they are used without being copied', () => {
  const parameters = new Parameters(new Conv2d(1024, 4096, { kernel: 1 }), new Random(1));
  const before = process.memoryUsage.rss();
  const held = Array.from({ length: 30 }, () => parameters.pieces());
  expect(process.memoryUsage.rss() - before).toBeLessThan(30 * 4 * parameters.count * 0.2);
  tf.dispose(held);
});

test('a state dict that is loaded comes back, and gives the same function', () => {
  const [first, second] = [create(1), create(2)];
  const x = tf.ones<tf.Rank.R4>([1, 4, 4, 2]);
  second.load(first.stateDict());
  expect(second.stateDict()).toEqual(first.stateDict());
  const outputs = [first, second].map((p) => p.use(() => (p.module as Net).forward(x)).dataSync());
  expect(outputs[1]).toEqual(outputs[0]);
});

test('initial weights depend on the seed and on the name alone', () => {
  expect(create(3).stateDict()).toEqual(create(3).stateDict());
  expect(create(3).stateDict()).not.toEqual(create(4).stateDict());
});

test('all weights that do not fit are named at once', () => {
  const parameters = create();
  const state = new Map(parameters.stateDict());
  state.delete('mean');
  state.set('blocks.0.bias', { shape: [4], values: new Float32Array(4) });
  state.set('extra', { shape: [], values: new Float32Array(1) });
  const load = () => parameters.load(state);
  expect(load).toThrow(UserError);
  for (const message of [/mean: missing/, /blocks.0.bias: found \(4\), \(3\) expected/, /extra: unknown/]) {
    expect(load).toThrow(message);
  }
});

test('the gradient reaches the vector, not the buffers', () => {
  const parameters = create();
  const x = tf.ones<tf.Rank.R4>([1, 4, 4, 2]);
  const loss = () => tf.sum<Scalar>((parameters.module as Net).forward(x));
  const { gradient } = gradientOf(parameters, loss);
  expect(gradient.shape).toEqual([parameters.count]);
  expect([...parameters.stateDict(gradient).get('blocks.1.bias')!.values]).toEqual([16, 16, 16]);
});

test('outside of `use` a module has no values', () => {
  const parameters = create();
  expect(() => (parameters.module as Net).forward(tf.ones<tf.Rank.R4>([1, 4, 4, 2]))).toThrow(
    /outside of Parameters.use/,
  );
});

test('nothing is left once they are freed', () => {
  const before = tf.memory();
  const parameters = create();
  parameters.load(parameters.stateDict());
  parameters.dispose();
  expect([tf.memory().numTensors, tf.memory().numBytes]).toEqual([before.numTensors, before.numBytes]);
});
