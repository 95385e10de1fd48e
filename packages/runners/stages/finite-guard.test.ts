import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadEngine, Module, Parameter, Parameters, constant, Random, type Engine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core';
import { checked } from './finite-guard.ts';
import { firstNotFinite } from './first-not-finite.ts';
import { runnable } from './runtime.ts';

let engine: Engine;

beforeAll(() => {
  engine = loadEngine();
});

describe('a step whose numbers are checked', () => {
  test.each([true, false])('changes nothing where one is not finite; compiled: %s', (compile) => {
    const weight = tf.variable(tf.tensor1d([1, 2]));
    const moment = tf.variable(tf.tensor1d([0, 0]));
    const update = (x: Tensor1D) => {
      moment.assign(tf.add(moment, x));
      weight.assign(tf.add(weight, tf.log(x)));
      return { loss: checked(tf.sum(x) as Scalar, [weight]) };
    };
    const step = runnable(update, { compile, recompute: false });
    const run = (...x: number[]) => tf.tidy(() => step.run(tf.tensor1d(x)).loss.dataSync()[0]!);
    expect(run(1, 1)).toBe(2);
    const before = [engine.tensors(), tf.memory().numTensors];
    for (const bad of [0, NaN, Infinity]) expect(run(1, bad)).toBe(NaN);
    expect([...weight.dataSync(), ...moment.dataSync()]).toEqual([1, 2, 1, 1]);
    expect([engine.tensors(), tf.memory().numTensors]).toEqual(before);
    expect(run(1, 1)).toBe(2);
    expect([...weight.dataSync(), ...moment.dataSync()]).toEqual([1, 2, 2, 2]);
  });
});

class Layer extends Module {
  readonly weight = new Parameter<Tensor1D>([2], constant(1), 'channels');

  constructor(private readonly compute: (x: Tensor1D) => Tensor1D) {
    super();
  }

  forward(x: Tensor1D): Tensor1D {
    return tf.mul(this.compute(x), this.weight.value);
  }
}

class Network extends Module {
  readonly blocks: Layer[];

  constructor(compute: (x: Tensor1D) => Tensor1D) {
    super();
    this.blocks = [new Layer((x) => x), new Layer(compute)];
  }
}

describe('what is not finite first', () => {
  const found = (compute: (x: Tensor1D) => Tensor1D, loss: (x: Tensor1D) => Scalar = (x) => tf.sum(x)) => {
    const network = new Network(compute);
    const x = tf.tensor1d([0, 1]);
    return firstNotFinite(new Parameters(network, new Random(1)), () =>
      loss(network.blocks.reduce((y, block) => block.forward(y), x)),
    );
  };

  test('a module', () => {
    expect(found((x) => tf.log(x))).toBe('`blocks.1` returns numbers that are not finite');
  });

  test('the loss', () => {
    expect(
      found(
        (x) => x,
        (x) => tf.log(tf.mul(tf.sum(x), 0)) as Scalar,
      ),
    ).toBe('the loss is -Infinity');
  });

  test('a gradient', () => {
    expect(found((x) => tf.sqrt(x))).toBe('the gradient of `blocks.0.weight` holds numbers that are not finite');
  });

  test('the update', () => {
    expect(found((x) => x)).toMatch(/updated weights/);
  });
});
