import { beforeAll, expect, test } from '@jest/globals';
import { loadEngine, Parameters, Random } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { SqueezeExcitation } from './psp/squeeze-excitation.ts';
import { PspEncoder } from './psp-encoder.ts';

beforeAll(() => void loadEngine('cpu'));

const options = { styles: 9, styleWidth: 6, width: 4, mode: 'ir_se', imageChannels: 3 } as const;
const image = (height: number, width = height, channels = 3) => tf.zeros([2, height, width, channels]) as Tensor4D;

test.each(['ir_se', 'ir'] as const)('%s predicts a latent for each style, of images of several sizes', (mode) => {
  const network = new PspEncoder({ ...options, mode });
  const parameters = new Parameters(network, new Random(1));
  expect([...parameters.stateDict().keys()].some((name) => name.includes('fc1'))).toBe(mode === 'ir_se');
  for (const [height, width] of [
    [16, 16],
    [32, 64],
  ] as const) {
    const before = tf.memory().numTensors;
    const input = tf.randomUniform([2, height, width, 3], -1, 1, 'float32', 3) as Tensor4D;
    const latents = tf.tidy(() => parameters.use(() => network.predict(input)));
    expect(latents.shape).toEqual([2, 9, 6]);
    const [first, second] = tf.unstack(latents);
    expect(first!.dataSync()).not.toEqual(second!.dataSync());
    tf.dispose([input, latents, first!, second!]);
    expect(tf.memory().numTensors).toBe(before);
  }
  parameters.dispose();
});

test.each([
  ['too large', 272, 272, 3],
  ['of an odd size', 24, 16, 3],
  ['of other channels', 16, 16, 1],
])('images that are %s are an error', (_, height, width, channels) => {
  const network = new PspEncoder(options);
  expect(() => network.predict(image(height, width, channels))).toThrow(
    /psp-encoder: an image is \d+x\d+ with \d channels, but sides must be multiples of 16 up to 256, and channels 3/,
  );
});

test('what weighs channels has a sixteenth of them inside, at least one (pixel2style2pixel:models/encoders/helpers.py, SEModule)', () => {
  const shapes = (channels: number) =>
    [...new SqueezeExcitation(channels).parameters()].map(([name, { shape }]) => [name, [...shape]]);
  const layers = (channels: number, squeezed: number) => [
    ['fc1.weight', [squeezed, channels, 1, 1]],
    ['fc2.weight', [channels, squeezed, 1, 1]],
  ];
  expect(shapes(64)).toEqual(layers(64, 4));
  expect(shapes(4)).toEqual(layers(4, 1));
});
