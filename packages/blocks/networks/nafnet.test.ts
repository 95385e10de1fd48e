import { beforeAll, describe, expect, test } from '@jest/globals';
import { globalAveragePool, loadEngine, Parameters, Random, UserError, gradientOf } from '@dualprior/core';
import { gradientError, randomTensor } from '@dualprior/core/testing/gradient-check';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { localAveragePool } from './nafnet/local-pool.ts';
import { NafBlock } from './nafnet/naf-block.ts';
import { NafNet } from './nafnet.ts';

beforeAll(() => {
  loadEngine();
});

const OPTIONS = {
  width: 4,
  encoderBlocks: [1, 1],
  middleBlocks: 1,
  decoderBlocks: [1, 1],
  imageChannels: 3,
  depthwiseExpansion: 2,
  ffnExpansion: 2,
};

const greatest = (a: Tensor, b: Tensor) => tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!);

describe('the block of NAFNet', () => {
  const shapes = [
    { channels: 4, depthwiseExpansion: 2, ffnExpansion: 2 },
    { channels: 6, depthwiseExpansion: 3, ffnExpansion: 1 },
  ];

  test.each(shapes)('written for speed is the block layer by layer: %p', (shape) => {
    const block = new NafBlock({ ...shape, pool: globalAveragePool });
    const parameters = new Parameters(block, new Random(0));
    const vector = tf.mul<Tensor1D>(randomTensor([parameters.count], 'weights'), 0.3);
    const x = randomTensor([2, 5, 6, shape.channels], 'x') as Tensor4D;
    const cotangent = randomTensor(x.shape, 'R');
    const both = ([block.forward, block.compose] as const).map((compute) =>
      tf.valueAndGrads((image: Tensor, weights: Tensor) =>
        parameters.use(() => tf.sum(tf.mul(compute.call(block, image as Tensor4D), cotangent)), weights as Tensor1D),
      )([x, vector]),
    );
    const [fast, plain] = both as [(typeof both)[0], (typeof both)[0]];
    expect(greatest(fast.value, plain.value)).toBeLessThan(1e-3);
    fast.grads.forEach((gradient, i) => {
      const size = tf.max(tf.abs(plain.grads[i]!)).dataSync()[0]!;
      expect(greatest(gradient, plain.grads[i]!) / size).toBeLessThan(2e-5);
    });
  });

  test('has the gradient of finite differences', () => {
    const block = new NafBlock({ channels: 4, depthwiseExpansion: 2, ffnExpansion: 2, pool: globalAveragePool });
    const parameters = new Parameters(block, new Random(0));
    const compute = (vector: Tensor, x: Tensor) =>
      parameters.use(() => block.forward(x as Tensor4D), vector as Tensor1D);
    const point = [tf.mul(randomTensor([parameters.count], 'weights'), 0.3), randomTensor([2, 2, 3, 4], 'x')];
    expect(gradientError(compute as () => Tensor, point, { step: 0.01 })).toBeLessThan(5e-3);
  });
});

describe('NAFNet', () => {
  test('starts as the identity of its blocks: beta and gamma are zero', () => {
    const parameters = new Parameters(new NafNet(OPTIONS), new Random(0));
    const state = parameters.stateDict();
    expect([...state.get('middle_blks.0.beta')!.values]).toEqual(new Array(16).fill(0));
    expect(state.get('encoders.1.0.gamma')!.shape).toEqual([1, 8, 1, 1]);
  });

  test.each([
    [1, 1],
    [3, 5],
    [8, 4],
    [7, 13],
  ])('keeps the size of an image of %ix%i', (height, width) => {
    const network = new NafNet(OPTIONS);
    const parameters = new Parameters(network, new Random(0));
    const x = randomTensor([2, height, width, 3]) as Tensor4D;
    const { image, auxiliary } = parameters.use(() => network.restore(x));
    expect(image.shape).toEqual([2, height, width, 3]);
    expect(auxiliary).toEqual([]);
  });

  test('makes no garbage in a step of training', () => {
    const network = new NafNet(OPTIONS);
    const parameters = new Parameters(network, new Random(0));
    const x = randomTensor([2, 6, 6, 3]) as Tensor4D;
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

  test.each([
    ['levels that do not match', { encoderBlocks: [1, 1, 1] }, /encoderBlocks has 3 levels and decoderBlocks 2/],
    ['channels that cannot be halved', { width: 3, ffnExpansion: 1 }, /width times ffnExpansion is 3.*must be even/],
  ])('refuses %s', (_, options, message) => {
    expect(() => new NafNet({ ...OPTIONS, ...options })).toThrow(UserError);
    expect(() => new NafNet({ ...OPTIONS, ...options })).toThrow(message);
  });
});

test('a network too large for any machine is refused before it is made', () => {
  const network = new NafNet({
    ...OPTIONS,
    width: 4096,
    encoderBlocks: [1, 1, 1, 1, 1],
    decoderBlocks: [1, 1, 1, 1, 1],
  });
  expect(() => new Parameters(network, new Random(0))).toThrow(/would have .* parameters/);
});

test('an image with other channels is refused', () => {
  const network = new NafNet({ ...OPTIONS, imageChannels: 1 });
  const parameters = new Parameters(network, new Random(0));
  const x = tf.zeros<tf.Rank.R4>([1, 4, 4, 3]);
  expect(() => parameters.use(() => network.restore(x))).toThrow(/3 channels, but imageChannels is 1/);
});

describe('the test-time local converter', () => {
  const extent = { train: 8, level: 4 };

  test('is the global mean of images no larger than its window', () => {
    const x = randomTensor([2, 6, 5, 3]) as Tensor4D;
    expect(localAveragePool(extent, extent, false)(x).shape).toEqual([2, 1, 1, 3]);
  });

  test('takes the mean of the window around each pixel, of the nearest full window at the borders', () => {
    const length = 11;
    const x = tf.tensor4d(
      Array.from({ length }, (_, i) => i * i),
      [1, length, 1, 1],
    );
    const window = 6;
    const means = Array.from({ length: length - window + 1 }, (_, i) => {
      return Array.from({ length: window }, (_, k) => (i + k) ** 2).reduce((sum, value) => sum + value, 0) / window;
    });
    const before = Math.floor((length - means.length) / 2);
    const expected = Array.from({ length }, (_, i) => means[Math.min(Math.max(i - before, 0), means.length - 1)]!);
    const found = [...localAveragePool(extent, extent, false)(x as Tensor4D).dataSync()];
    found.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4));
  });

  test('sampled coarsely comes near to it', () => {
    const ramp = tf.reshape(tf.linspace(0, 1, 40 * 40), [1, 40, 40, 1]) as Tensor4D;
    const wide = { train: 16, level: 16 };
    const exact = localAveragePool(wide, wide, false)(ramp);
    const fast = localAveragePool(wide, wide, true)(ramp);
    expect(fast.shape).toEqual(exact.shape);
    expect(greatest(fast, exact)).toBeLessThan(0.1);
    expect(greatest(fast, exact)).toBeGreaterThan(0);
  });

  test('samples lengths that its step does not divide', () => {
    const columns = tf.tile(tf.reshape(tf.range(0, 15), [1, 1, 15, 1]), [1, 15, 1, 1]) as Tensor4D;
    const extent = { train: 16, level: 8 };
    // Every second of 15 columns; means of 6 of them, of 2, 4, ..., 12 and of 4, 6, ..., 14 (the first one is in no window).
    const row = [...new Array<number>(7).fill(7), ...new Array<number>(8).fill(9)];
    const pooled = tf.squeeze(localAveragePool(extent, extent, true)(columns)).arraySync() as number[][];
    expect(pooled).toEqual(new Array(15).fill(row));
  });

  test('has the gradient of finite differences', () => {
    const pool = localAveragePool({ train: 2, level: 2 }, { train: 2, level: 2 }, false);
    expect(gradientError((x) => pool(x as Tensor4D), [randomTensor([1, 5, 4, 2])])).toBeLessThan(2e-3);
  });
});
