import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { EagerStep } from '../../engine/compile/compile.ts';
import { loadEngine, type Engine } from '../../engine/engine.ts';
import { Random } from '../../random/random.ts';
import { gradientsOf } from '../gradients-of.ts';
import { Parameters } from '../parameters.ts';
import { BatchNorm2d } from './batch-norm2d.ts';

let engine: Engine;

beforeAll(() => {
  engine = loadEngine();
});

const values = (tensor: Tensor) => [...tensor.dataSync()];
const close = (numbers: number[]) => numbers.map((number) => expect.closeTo(number, 5) as unknown);

// One channel with the values 1, 2, 3, 6: mean 3, variance 3.5 (biased), 14 / 3 (unbiased).
const image = () => tf.tensor4d([1, 2, 3, 6], [2, 2, 1, 1]);

describe('batch normalisation', () => {
  test('uses the running statistics outside of training', () => {
    const layer = new BatchNorm2d(1);
    const parameters = new Parameters(layer, new Random(1));
    parameters.buffers.assign(tf.tensor1d([2, 4, 7]));
    parameters.vector.assign(tf.tensor1d([3, 0.5]));
    const expected = [1, 2, 3, 6].map((x) => ((x - 2) / Math.sqrt(4 + 1e-5)) * 3 + 0.5);
    expect(values(parameters.use(() => layer.forward(image())))).toEqual(close(expected));
  });

  test('normalises over the batch in training, and gives the next statistics', () => {
    const layer = new BatchNorm2d(1);
    const parameters = new Parameters(layer, new Random(1));
    const { result, buffers } = parameters.use(() => parameters.train(() => layer.forward(image())));
    expect(values(result)).toEqual(close([1, 2, 3, 6].map((x) => (x - 3) / Math.sqrt(3.5 + 1e-5))));
    expect(values(buffers)).toEqual(close([0.3, 0.9 + 14 / 30, 1]));
    expect(values(parameters.buffers)).toEqual([0, 1, 0]);
  });

  test.each(['eager', 'compiled'])('moves on with each step, %s', (how) => {
    const layer = new BatchNorm2d(2);
    const parameters = new Parameters(layer, new Random(1));
    const update = (x: Tensor4D): Scalar => {
      const { loss, seen } = gradientsOf([parameters], () => {
        const { result, buffers } = parameters.train(() => layer.forward(x));
        return { loss: tf.sum(tf.square(result)) as Scalar, seen: { buffers } };
      });
      parameters.buffers.assign(seen.buffers as Tensor1D);
      return loss;
    };
    const step = how === 'eager' ? new EagerStep(update) : engine.compile(update);
    const run = (seed: number) =>
      tf.tidy(() => void step.run(tf.randomNormal([4, 3, 3, 2], 5, 2, 'float32', seed) as Tensor4D));
    run(1);
    const before = [engine.tensors(), tf.memory().numTensors];
    for (let i = 2; i <= 60; i++) run(i);
    expect([engine.tensors(), tf.memory().numTensors]).toEqual(before);
    const [first, second, , , count] = values(parameters.buffers);
    expect([first, second].map((mean) => Math.abs(mean! - 5) < 0.5)).toEqual([true, true]);
    expect(count).toBe(60);
  });
});
