import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { gradientsOf } from '../../nn/gradients-of.ts';
import { constant } from '../../nn/initializers.ts';
import { Module } from '../../nn/module.ts';
import { Parameter } from '../../nn/parameter.ts';
import { Parameters } from '../../nn/parameters.ts';
import { repeated } from '../../nn/repeated.ts';
import { Random } from '../../random/random.ts';
import { loadEngine, type Engine } from '../engine.ts';
import { EagerStep } from './compile.ts';
import type { GraphAddon } from './graph.ts';

let engine: Engine;

beforeAll(() => {
  engine = loadEngine();
});

class Scale extends Module {
  readonly weight = new Parameter<Tensor1D>([2], constant(1), 'channels');
}

/** Tensors of JavaScript and of TensorFlow, graphs and functions. */
function held(): unknown {
  const { graph } = engine as unknown as { graph: GraphAddon };
  return { tensors: engine.tensors(), tracked: tf.memory().numTensors, ...graph.counts() };
}

const fails = (): never => {
  throw new Error('no');
};

/** Steps that fail after they kept something. */
const STEPS: Record<string, (parameters: Parameters, x: Tensor1D, weight: Tensor1D) => Tensor> = {
  'in the forward': (_, x, weight) => (tf.square(tf.square(tf.mul(x, weight))), fails()),
  'in a gradient': (_, x, weight) => {
    const failing = tf.customGrad((y, save) => {
      (save as (tensors: Tensor[]) => void)([y as Tensor]);
      return { value: tf.square(y as Tensor), gradFunc: fails };
    });
    return failing(tf.mul(x, weight));
  },
  'while it saves for a gradient': (_, x) =>
    tf.customGrad((y, save) => {
      (save as (tensors: Tensor[]) => void)([y as Tensor]);
      return fails();
    })(x),
  'in the gradient of a gradient': (_, x) =>
    tf.grad((y: Tensor) => tf.sum(tf.grad((z: Tensor) => (tf.square(tf.square(z)), fails()))(y)))(x),
  'in the gradient of a block': ({ module }, x) => {
    const failing = tf.customGrad((y) => ({ value: tf.square(y as Tensor), gradFunc: fails }));
    const block = (y: Tensor) => failing(tf.mul(tf.square(y), (module as Scale).weight.value));
    return repeated([module], 'good', repeated([module], 'failing', x, block), tf.square);
  },
};

const HOW = { compiled: {}, 'compiled with blocks': { recompute: true }, eager: 'eager' } as const;

describe('a step that fails leaves nothing behind', () => {
  const cases = Object.keys(STEPS).flatMap((name) =>
    (Object.keys(HOW) as (keyof typeof HOW)[]).map((how) => [name, how] as const),
  );

  test.each(cases)('%s, %s', (name, how) => {
    const module = new Scale();
    const parameters = new Parameters(module, new Random(1));
    const train = (x: Tensor1D): Scalar => {
      const { loss, gradients } = gradientsOf([parameters], () => {
        const seen = { x: tf.square(x) };
        const y = STEPS[name]!(parameters, x, module.weight.value);
        return { loss: tf.sum(y), seen };
      });
      parameters.vector.assign(gradients[0]![0] as Tensor1D);
      return loss;
    };
    const options = HOW[how];
    const step = options === 'eager' ? new EagerStep(train) : engine.compile(train, options);
    const x = tf.tensor1d([1, 2]);
    tf.tidy(() => void tf.add(parameters.vector, x)); // hands both to TensorFlow
    const before = held();
    for (let i = 0; i < 5; i++) expect(() => step.run(x)).toThrow(/no/);
    expect(held()).toEqual(before);
    expect(
      tf.tidy(() => [
        ...tf
          .grad((y: Tensor) => tf.sum(tf.square(y)))(x)
          .dataSync(),
      ]),
    ).toEqual([2, 4]);
    expect(held()).toEqual(before);
  });

  test.each([
    ['that is judged, compiled', (step: () => Scalar) => engine.compile(step, {}, fails)],
    ['that is judged, eager', (step: () => Scalar) => new EagerStep(step, fails)],
    ['whose trace is reported', (step: () => Scalar) => engine.compile(step, { traced: fails, recompute: true })],
  ])('%s', (_, make) => {
    const total = tf.variable(tf.scalar(1), false);
    const step = make(() => {
      total.assign(repeated([], 'block', tf.add<Scalar>(total, 1), tf.square) as Scalar);
      return tf.square(total as unknown as Scalar);
    });
    tf.tidy(() => void tf.add(total, 1)); // hands it to TensorFlow
    expect(() => step.run()).toThrow(/no/); // what a trace keeps, it keeps once
    const before = held();
    for (let i = 0; i < 5; i++) expect(() => step.run()).toThrow(/no/);
    expect(held()).toEqual(before);
    expect(total.dataSync()[0]).toBe(1);
    step.dispose();
    total.dispose();
  });

  test('outside of a step: the gradient', () => {
    const parameters = new Parameters(new Scale(), new Random(1));
    const seen = () => ({
      loss: tf.sum<Scalar>(tf.square((parameters.module as Scale).weight.value)),
      seen: { one: tf.ones([2]) },
    });
    tf.tidy(() => void gradientsOf([parameters], seen));
    const before = held();
    for (let i = 0; i < 3; i++) {
      expect(() => tf.tidy(() => gradientsOf([parameters], () => (seen(), fails())).loss)).toThrow('no');
    }
    expect(held()).toEqual(before);
  });
});
