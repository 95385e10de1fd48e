import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { kaimingUniform } from '../../nn/initializers.ts';
import { Module } from '../../nn/module.ts';
import { Parameter } from '../../nn/parameter.ts';
import { Parameters } from '../../nn/parameters.ts';
import { repeated } from '../../nn/repeated.ts';
import { Random } from '../../random/random.ts';
import { loadEngine, type Engine } from '../engine.ts';
import { EagerStep, type CompiledStep, type RunnableStep } from './compile.ts';
import type { GraphAddon } from './graph.ts';
import { gradientOf } from '../../nn/gradients-of.ts';

let engine: Engine;

beforeAll(() => {
  engine = loadEngine();
});

class Layer extends Module {
  readonly weight: Parameter<Tensor2D>;
  /** No part of what is computed: its gradient is zero. */
  readonly idle = new Parameter<Tensor2D>([3, 3], kaimingUniform(), 'linear');

  constructor(inputs: number, outputs: number) {
    super();
    this.weight = new Parameter([outputs, inputs], kaimingUniform(), 'linear');
  }

  forward(x: Tensor2D): Tensor2D {
    return repeated([this], 'layer', x, (y) => tf.tanh(tf.matMul<Tensor2D>(y, this.weight.value)));
  }
}

class Network extends Module {
  readonly layers = [4, 4, 6, ...new Array<number>(20).fill(6)].map(
    (outputs, i, all) => new Layer(all[i - 1] ?? 4, outputs),
  );

  forward(x: Tensor2D): Tensor2D {
    return this.layers.reduce((y, layer) => layer.forward(y), x);
  }
}

type Run = RunnableStep<[Tensor2D], Scalar>;

function train(make: (step: (x: Tensor2D) => Scalar) => Run, steps = 3): { step: Run; numbers: number[] } {
  const network = new Network();
  const parameters = new Parameters(network, new Random(3));
  const step = make((x) => {
    const { value, gradient } = gradientOf(parameters, () => tf.mean(tf.square(network.forward(x))));
    parameters.vector.assign(tf.sub(parameters.vector, gradient));
    return value;
  });
  for (let i = 0; i < steps; i++) tf.tidy(() => void step.run(tf.randomNormal([5, 4], 0, 1, 'float32', i + 1)));
  const numbers = [...parameters.vector.dataSync()];
  parameters.dispose();
  return { step, numbers };
}

const closeTo = (numbers: number[]) => numbers.map((number) => expect.closeTo(number, 5) as unknown);

describe('parts of a network as functions', () => {
  test('the gradient computes them again, with the same numbers', () => {
    const plain = train((step) => engine.compile(step));
    const { step, numbers } = train((each) => engine.compile(each, { recompute: true }));
    expect(numbers).toEqual(closeTo(plain.numbers));
    expect(numbers).toEqual(closeTo(train((each) => new EagerStep(each)).numbers));
    const operations = (one: Run) => (one as CompiledStep<[Tensor2D], Scalar>).operations;
    expect(operations(step)).toBeLessThan(operations(plain.step));
  });

  test('compiled by XLA', () => {
    const { numbers } = train((step) => engine.compile(step, { xla: true }));
    expect(numbers).toEqual(closeTo(train((step) => engine.compile(step)).numbers));
  });

  test('as many tensors and functions after a step is disposed of as before', () => {
    const count = () => {
      const { step } = train((each) => engine.compile(each, { recompute: true }));
      const { functions } = graph.counts();
      step.dispose();
      return { made: functions, left: graph.counts(), tensors: [engine.tensors(), tf.memory().numTensors] };
    };
    const { graph } = engine as unknown as { graph: GraphAddon };
    const before = graph.counts();
    const { made, left, tensors } = count();
    expect(made).toBeGreaterThan(before.functions + 2);
    expect(left).toEqual(before);
    expect(count().tensors).toEqual(tensors);
  });

  test('a second derivative is refused', () => {
    const network = new Network();
    const parameters = new Parameters(network, new Random(3));
    const penalty = engine.compile(
      (x: Tensor2D): Tensor => {
        const slope = (y: Tensor) => tf.grad((z: Tensor) => tf.sum(network.forward(z as Tensor2D)))(y);
        return gradientOf(parameters, () => tf.sum(tf.square(slope(x)))).gradient;
      },
      { recompute: true },
    );
    expect(() => penalty.run(tf.ones([2, 4]))).toThrow(/layer has no second derivative[^]*recompute/);
  });
});
