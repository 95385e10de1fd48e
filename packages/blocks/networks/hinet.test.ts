import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadEngine, Parameters, Random, UserError, gradientOf } from '@dualprior/core';
import { randomTensor } from '@dualprior/core/testing/gradient-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { HiNet } from './hinet.ts';

beforeAll(() => {
  loadEngine();
});

const OPTIONS = {
  width: 4,
  depth: 3,
  reluSlope: 0.2,
  hinPositionLeft: 0,
  hinPositionRight: 1,
  imageChannels: 3,
  initialization: 'orthogonal',
} as const;

describe('HINet', () => {
  test('normalises half the channels of the given levels', () => {
    const names = [...new HiNet(OPTIONS).parameters().keys()];
    expect(names).toContain('down_path_2.1.norm.weight');
    expect(names).not.toContain('down_path_1.2.norm.weight');
    expect(names).toContain('down_path_2.0.csff_enc.weight');
    expect(names).not.toContain('down_path_1.0.csff_enc.weight');
  });

  test('returns the images of both stages', () => {
    const network = new HiNet(OPTIONS);
    const parameters = new Parameters(network, new Random(0));
    const x = randomTensor([2, 8, 12, 3]) as Tensor4D;
    const { image, auxiliary } = parameters.use(() => network.restore(x));
    expect(image.shape).toEqual([2, 8, 12, 3]);
    expect(auxiliary.map(({ shape }) => shape)).toEqual([[2, 8, 12, 3]]);
  });

  test.each([1, 2, 4])('of depth %i takes sides that are multiples of 2^(depth - 1)', (depth) => {
    const network = new HiNet({ ...OPTIONS, depth });
    expect(network.multiple).toBe(2 ** (depth - 1));
    const parameters = new Parameters(network, new Random(0));
    const side = 3 * network.multiple;
    const x = tf.zeros([1, side, 2 * side, 3]) as Tensor4D;
    expect(parameters.use(() => network.restore(x)).image.shape).toEqual(x.shape);
  });

  test('refuses other sizes and says which it takes', () => {
    const network = new HiNet(OPTIONS);
    const parameters = new Parameters(network, new Random(0));
    const x = tf.zeros([1, 8, 10, 3]) as Tensor4D;
    expect(() => parameters.use(() => network.restore(x))).toThrow(/10x8.*multiples of 4/);
  });

  test('refuses an odd width, which cannot be halved', () => {
    expect(() => new HiNet({ ...OPTIONS, width: 5 })).toThrow(UserError);
    expect(() => new HiNet({ ...OPTIONS, width: 5, hinPositionRight: -1 })).not.toThrow();
  });

  test('starts with orthogonal convolutions without biases, or as PyTorch does', () => {
    const bias = (initialization: 'orthogonal' | 'pytorch') =>
      new Parameters(new HiNet({ ...OPTIONS, initialization }), new Random(0)).stateDict().get('conv_01.bias')!.values;
    expect([...bias('orthogonal')]).toEqual([0, 0, 0, 0]);
    expect([...bias('pytorch')].some((value) => value !== 0)).toBe(true);
  });

  test('makes no garbage in a step of training', () => {
    const network = new HiNet(OPTIONS);
    const parameters = new Parameters(network, new Random(0));
    const x = randomTensor([2, 8, 8, 3]) as Tensor4D;
    const step = () =>
      tf.tidy(() => {
        const { gradient } = gradientOf(parameters, () => tf.mean(tf.square(network.restore(x).image)) as Scalar);
        parameters.vector.assign(tf.sub(parameters.vector, tf.mul(gradient, 0.01)));
      });
    step();
    const before = tf.memory().numTensors;
    for (let i = 0; i < 3; i++) step();
    expect(tf.memory().numTensors).toBe(before);
  });
});
