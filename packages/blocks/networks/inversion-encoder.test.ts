import { beforeAll, expect, test } from '@jest/globals';
import { loadEngine, Parameters, Random } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { InversionEncoder } from './inversion-encoder.ts';

beforeAll(() => void loadEngine('cpu'));

const options = {
  size: 64,
  resolution: 4,
  featureChannels: 6,
  latents: 3,
  styleWidth: 5,
  filterMin: 4,
  filterMax: 8,
} as const;

test.each([undefined, 64, 8])('an image becomes f and its latents, from an inputSize of %s', (inputSize) => {
  const network = new InversionEncoder({ ...options, ...(inputSize && { inputSize }) });
  const parameters = new Parameters(network, new Random(1));
  const before = tf.memory().numTensors;
  const image = tf.randomUniform([2, 64, 64, 3], 0, 1, 'float32', 3) as Tensor4D;
  const { feature, latents } = tf.tidy(() => ({ ...parameters.use(() => network.encode(image)) }));
  expect(feature.shape).toEqual([2, 4, 4, 6]);
  expect(latents.shape).toEqual([2, 3, 5]);
  for (const result of [feature, latents]) {
    const [first, second] = tf.unstack(result);
    expect(first!.dataSync()).not.toEqual(second!.dataSync());
    tf.dispose([result, first!, second!]);
  }
  image.dispose();
  expect(tf.memory().numTensors).toBe(before);
  parameters.dispose();
});

test('in W, one block predicts the latent of all layers', () => {
  const [plus, one] = [new InversionEncoder(options), new InversionEncoder({ ...options, latentSpace: 'w' })];
  const blocksOf = (network: InversionEncoder) =>
    new Set([...network.parameters().keys()].flatMap((name) => /^styles\.(\d+)/.exec(name)?.[1] ?? []));
  expect([blocksOf(plus).size, blocksOf(one).size]).toEqual([3, 1]);
  const image = tf.randomUniform([2, 64, 64, 3], 0, 1, 'float32', 3) as Tensor4D;
  const [inPlus, inW] = [plus, one].map((network) => {
    const parameters = new Parameters(network, new Random(1));
    return parameters.use(() => network.encode(image)).latents.arraySync();
  });
  // The first block begins as that of W+ does: its streams of random numbers have the same names.
  expect(inW).toEqual(inPlus!.map(([first]) => [first, first, first]));
});

test.each([
  [{ size: 64, resolution: 4 }, 3],
  [{ size: 16, resolution: 4 }, 2],
])('an image is averaged down to 8 times the resolution of f, if it is larger: %j', (sizes, stages) => {
  const network = new InversionEncoder({ ...options, ...sizes });
  // Three convolutions and norms a stage and one more of each, then the last convolution.
  const convolutions = 3 * stages + 2;
  const names = [...network.parameters().keys()].filter((name) => /^trunk\..*weight$/.test(name));
  expect(names).toHaveLength(2 * convolutions - 1);
});

test.each([
  [{ resolution: 12 }, 'resolution is 12; it must be a power of two'],
  [{ resolution: 64 }, 'resolution is 64; with size 64 it can be at most 32, half of it'],
  [{ inputSize: 24 }, 'inputSize is 24; it must be resolution 4 times 2, 4, 8, and so on'],
  [{ inputSize: 4 }, 'inputSize is 4; it must be resolution 4 times 2, 4, 8, and so on'],
  [{ size: 72, inputSize: 32 }, 'inputSize is 32; size 72 must be a multiple of it'],
])('sizes that do not halve into one another are an error: %j', (wrong, message) => {
  expect(() => new InversionEncoder({ ...options, ...wrong })).toThrow(`inversion-encoder: ${message}.`);
});

test('an image of another size is an error', () => {
  const network = new InversionEncoder(options);
  expect(() => network.encode(tf.zeros([1, 32, 64, 3]) as Tensor4D)).toThrow(
    'an image is 64x32, but `size` is 64; they must be equal',
  );
});
