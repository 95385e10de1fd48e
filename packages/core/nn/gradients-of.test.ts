import { beforeAll, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor1D } from '@tensorflow/tfjs-core';
import { loadEngine, type Engine } from '../engine/engine.ts';
import { Random } from '../random/random.ts';
import { gradientsOf } from './gradients-of.ts';
import { constant } from './initializers.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';
import { Parameters } from './parameters.ts';

class Scale extends Module {
  readonly weight: Parameter<Tensor1D>;

  constructor(value: number) {
    super();
    this.weight = new Parameter<Tensor1D>([2], constant(value), 'channels');
  }
}

let engine: Engine;

beforeAll(() => {
  engine = loadEngine();
});

test('gradients of several networks, of none that is left out, and what was seen on the way', () => {
  const [a, b, fixed] = [2, 3, 5].map((value) => new Parameters(new Scale(value), new Random(0))) as Parameters[];
  const weight = (parameters: Parameters) => (parameters!.module as Scale).weight.value;
  const step = () => {
    const { loss, gradients, seen } = gradientsOf([a!, b!], () =>
      fixed!.use(() => {
        const product = tf.mul(tf.mul(weight(a!), weight(b!)), weight(fixed!));
        return { loss: tf.sum<Scalar>(product), seen: { product } };
      }),
    );
    return { loss, a: gradients[0]![0]!, b: gradients[1]![0]!, ...seen };
  };
  const read = (results: tf.NamedTensorMap) =>
    Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, [...tensor.dataSync()]]));
  const expected = { loss: [60], a: [15, 15], b: [10, 10], product: [30, 30] };
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    expect(read(step())).toEqual(expected);
    expect(read(engine.compile(step).run())).toEqual(expected);
  });
  expect(tf.memory().numTensors).toBe(before);
});
