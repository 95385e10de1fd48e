import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { Conv2d } from '../nn/layers/conv2d.ts';
import { Module } from '../nn/module.ts';
import { Parameters } from '../nn/parameters.ts';
import { repeated } from '../nn/repeated.ts';
import { Random } from '../random/random.ts';
import { loadEngine, type Engine } from './engine.ts';
import { nativeTime } from './profile.ts';
import { gradientOf } from '../nn/gradients-of.ts';

class Network extends Module {
  readonly first = new Conv2d(3, 4, { kernel: 3, padding: 1 });
  readonly second = [new Conv2d(4, 3, { kernel: 3, padding: 1 })];

  forward(x: Tensor4D): Tensor4D {
    return this.second[0]!.forward(this.first.forward(x));
  }
}

class Block extends Module {
  readonly inner = new Conv2d(3, 3, { kernel: 3, padding: 1 });

  forward(x: Tensor4D): Tensor4D {
    return repeated([this.inner], 'block', x, (y) => tf.tanh(this.inner.forward(y)));
  }
}

class Chain extends Module {
  readonly blocks = [new Block(), new Block(), new Block()];

  forward(x: Tensor4D): Tensor4D {
    return this.blocks.reduce((y, block) => block.forward(y), x);
  }
}

let engine: Engine;

beforeAll(() => {
  engine = loadEngine();
});

describe('profiles', () => {
  test('name the module of each operation, forward and gradient', () => {
    const network = new Network();
    const parameters = new Parameters(network, new Random(1));
    const step = engine.compile((x: Tensor4D) => {
      const { value, gradient } = gradientOf(parameters, () => tf.sum<Scalar>(tf.square(network.forward(x))));
      return [value, gradient];
    });
    const run = () => tf.dispose(step.run(tf.ones([1, 8, 8, 3])));
    run();
    const operations = engine.profile(run);
    const modules = (type: RegExp) =>
      operations
        .filter((one) => type.test(one.type))
        .map(({ path, gradient }) => `${path}${gradient ? ' gradient' : ''}`);
    expect(modules(/Conv2D$/)).toEqual(['first', 'second.0']);
    expect(modules(/Conv2DBackpropFilter$/).sort()).toEqual(['first gradient', 'second.0 gradient']);
    expect(modules(/^Square$/)).toEqual(['']);
    expect(operations.every(({ ms }) => ms >= 0 && ms < 60_000)).toBe(true);
    expect(engine.profile(() => {})).toEqual([]);
  });

  test('name the module for which a function that modules share is called', () => {
    const network = new Chain();
    const parameters = new Parameters(network, new Random(1));
    const loss = (x: Tensor4D) => tf.sum<Scalar>(tf.square(network.forward(x)));
    const step = engine.compile((x: Tensor4D) => gradientOf(parameters, () => loss(x)).gradient, { recompute: true });
    const run = () => tf.dispose(step.run(tf.ones([1, 8, 8, 3])));
    run();
    const operations = engine.profile(() => [run(), run()]);
    const count = (path: string, gradient: boolean, type: RegExp) =>
      operations.filter((one) => one.path === path && one.gradient === gradient && type.test(one.type)).length;
    for (const i of [0, 1, 2]) {
      const [block, inner] = [`blocks.${i}`, `blocks.${i}.inner`];
      expect([count(block, false, /^Tanh$/), count(inner, false, /Conv2D$/)]).toEqual([2, 2]);
      expect([count(inner, true, /Conv2D$/), count(inner, true, /Conv2DBackpropFilter$/)]).toEqual([2, 2]);
    }
  });

  test('part JavaScript from TensorFlow', () => {
    const waste = () => {
      const until = performance.now() + 50;
      while (performance.now() < until);
    };
    const { ms, nativeMs } = nativeTime(() => {
      waste();
      tf.tidy(() => void tf.add(tf.ones([4]), 1).dataSync());
    });
    expect(nativeMs).toBeGreaterThan(0);
    expect(ms - nativeMs).toBeGreaterThanOrEqual(50);
  });
});
