import { beforeAll, expect, test } from '@jest/globals';
import { loadEngine, Parameters, Random, type StateDict } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { Fusion } from './fusion.ts';

beforeAll(() => void loadEngine());

/** Weight and bias of each convolution of one channel; of 3x3 the centre, which is all that an image of one pixel meets. */
const LAYERS = {
  conv_regressed: [2, 0.25],
  conv_inverted: [-3, 0.5],
  'blocks.0.conv1': [1.5, -0.5],
  'blocks.0.conv2': [-0.75, 0.125],
  'blocks.1.conv1': [-1, 0.25],
  'blocks.1.conv2': [0.5, -1],
  conv_out: [4, 0.0625],
} as const;

test('is equation 1: x_hat = Conv(Res(Conv(x_R) + Conv(x_G)))', () => {
  const network = new Fusion({ width: 1, blocks: 2, normalization: 'none', imageChannels: 1 });
  const state: StateDict = new Map(
    Object.entries(LAYERS).flatMap(([name, [weight, bias]]) => [
      [
        `${name}.weight`,
        { shape: [1, 1, 3, 3], values: Float32Array.from({ length: 9 }, (_, i) => (i === 4 ? weight : 9)) },
      ],
      [`${name}.bias`, { shape: [1], values: Float32Array.of(bias) }],
    ]),
  );
  const parameters = new Parameters(network, new Random(0));
  parameters.load(state);
  const pixel = (value: number): Tensor4D => tf.fill([1, 1, 1, 1], value);
  const fused = (regressed: number, inverted: number) =>
    tf.tidy(() => parameters.use(() => network.fuse(pixel(regressed), pixel(inverted))).dataSync()[0]);

  // joined = 2 * 0.5 + 0.25 - 3 * 0.125 + 0.5 = 1.375
  // + (-0.75 relu(1.5 * 1.375 - 0.5) + 0.125) = 1.375 - 0.75 * 1.5625 + 0.125 = 0.328125
  // + (0.5 relu(-0.328125 + 0.25) - 1) = -0.671875
  // x_hat = 4 * -0.671875 + 0.0625
  expect(fused(0.5, 0.125)).toBeCloseTo(-2.625, 6);
  // joined = 2 * 0.125 + 0.25 - 3 * 0.5 + 0.5 = -0.5; + 0.125 = -0.375; + (0.5 * 0.625 - 1) = -1.0625
  expect(fused(0.125, 0.5)).toBeCloseTo(-4.1875, 6);
  parameters.dispose();
});
