import { beforeAll, describe, expect, test } from '@jest/globals';
import { Adam, type Loss, type Optimizer, type Restorer, ConstantSchedule } from '@dualprior/blocks';
import { Buffer, constant, loadEngine, Module, Parameter, Parameters, Random, type Engine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { checked } from './finite-guard.ts';
import { restoration } from '../common/restoration.ts';
import { runnable } from '../runtime.ts';
import { diagnosis } from './diagnosis.ts';
import { PhasedStep } from './phased-step.ts';

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
      return { finite: checked(tf.sum(x) as Scalar, [weight]) };
    };
    const step = runnable(update, { compile, recompute: false });
    const run = (...x: number[]) => tf.tidy(() => step.run(tf.tensor1d(x)).finite.dataSync()[0]!);
    expect(run(1, 1)).toBe(2);
    const before = [engine.tensors(), tf.memory().numTensors];
    for (const bad of [0, NaN, Infinity]) expect(run(1, bad)).toBe(NaN);
    expect([...weight.dataSync(), ...moment.dataSync()]).toEqual([1, 2, 1, 1]);
    expect([engine.tensors(), tf.memory().numTensors]).toEqual(before);
    expect(run(1, 1)).toBe(2);
    expect([...weight.dataSync(), ...moment.dataSync()]).toEqual([1, 2, 2, 2]);
  });
});

describe('the step of a regression', () => {
  class Image extends Module implements Restorer {
    readonly weight = new Parameter<Tensor1D>([3], constant(1), 'channels');
    readonly scale = new Buffer<Tensor1D>([3], constant(1), 'channels');
    readonly multiple = 1;

    restore(degraded: Tensor4D) {
      return { image: tf.mul<Tensor4D>(degraded, this.weight.value), auxiliary: [] };
    }
  }

  const training = () => {
    const module = new Image();
    const parameters = new Parameters(module, new Random(1));
    const schedule = new ConstantSchedule();
    const optimizer = new Adam({ learningRate: 1e-3, schedule, betas: [0.9, 0.99], epsilon: 1e-8, weightDecay: 0 });
    const loss: Loss = { compute: (output) => tf.sum(output) };
    const phases = [restoration(module, loss)];
    const network = { network: { reference: 'network', module, parameters }, optimizer, statistics: true };
    const training = new PhasedStep({ networks: { network }, phases });
    const ordered = training.ordered(phases, ['degraded', 'sharp', 'network.rate']);
    const step = runnable(ordered, { compile: true, recompute: false });
    const image = (value: number) => tf.fill<tf.Rank.R4>([1, 2, 2, 3], value);
    const run = (value: number, rate = 1e-3) =>
      tf.tidy(() => {
        const { loss, finite } = step.run(image(value), image(0), tf.scalar(rate));
        return Number.isFinite(finite!.dataSync()[0]) ? loss!.dataSync()[0]! : NaN;
      });
    return { parameters, square: training.variables.get('optimizer.exp_avg_sq')!, run };
  };

  test('changes nothing where the optimizer’s state, a buffer or the rate is not finite, though loss and weights are', () => {
    const { parameters, square, run } = training();
    expect(run(1)).toBe(12);
    const before = [parameters.vector, square].map((variable) => [...variable.dataSync()]);
    expect(run(1e25)).toBe(NaN); // its gradient is finite, but not the square of that
    expect(run(1, 1e39)).toBe(NaN);
    expect([parameters.vector, square].map((variable) => [...variable.dataSync()])).toEqual(before);
    parameters.buffers.assign(tf.fill([3], Infinity));
    expect(run(1)).toBe(NaN);
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
  type Compute = (x: Tensor1D) => Tensor1D;
  const found = (compute: Compute, loss: (x: Tensor1D) => Scalar = (x) => tf.sum(x), overflow = 0) => {
    const network = new Network(compute);
    const x = tf.tensor1d([0, 1]);
    const parameters = new Parameters(network, new Random(1));
    const state = tf.variable<tf.Rank.R1>(tf.tensor1d([0, 0, 0, 0]));
    const optimizer = {
      state: () => new Map([['exp_avg_sq', state]]),
      learningRate: () => overflow,
      update: (_vector, _gradient, _state, value) =>
        state.assign(tf.concat([tf.zeros([2]), tf.mul(tf.ones([2]), value)] as Tensor1D[])),
      witnesses: () => [state],
    } as Partial<Optimizer> as Optimizer;
    const sum = () => loss(network.blocks.reduce((y, block) => block.forward(y), x));
    const phases = [{ name: 'the sum', trains: ['network'], loss: () => ({ loss: sum(), seen: {} }) }];
    const learner = { network: { reference: 'network', module: network, parameters }, optimizer };
    const step = new PhasedStep({ networks: { network: learner }, phases });
    const text = diagnosis(step, phases, { 'network.rate': tf.scalar(overflow) });
    expect([...state.dataSync()]).toEqual([0, 0, 0, 0]);
    return text;
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

  test('what the update leaves', () => {
    expect(
      found(
        (x) => x,
        (x) => tf.sum(x),
        Infinity,
      ),
    ).toBe(
      'the loss and its gradient are finite, but after the update ' +
        "the optimizer's state (exp_avg_sq) of `blocks.1.weight` hold numbers that are not",
    );
    expect(found((x) => x)).toMatch(/but not when it is computed operation by operation/);
  });
});
