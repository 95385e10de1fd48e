import { expect, test } from '@jest/globals';
import type { Generator } from '@dualprior/blocks';
import { loadEngine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { drawLatents } from './latents.ts';

loadEngine();

const LATENTS = 5;
const COUNT = 400;

/** For each image the number of its first latents that are equal, of five, if the others are equal, too; and how many z were mapped. */
function crossovers(mixing: number): { crossovers: number[]; mapped: number } {
  let mapped = 0;
  const map = (z: Tensor2D) => {
    mapped = z.shape[0];
    return z;
  };
  const generator = { styleWidth: 1, latents: LATENTS, map } as unknown as Generator;
  const seed: Tensor1D = tf.tensor1d([3, 4], 'int32');
  const drawn = drawLatents(generator, COUNT, mixing, seed);
  expect(drawn.shape).toEqual([COUNT, LATENTS, 1]);
  const values = drawn.arraySync().map((image) => image.map(([value]) => value!));
  const found = values.map((image) => {
    const change = image.findIndex((value) => value !== image[0]);
    const crossover = change < 0 ? LATENTS : change;
    expect(new Set(image.slice(crossover)).size).toBe(crossover < LATENTS ? 1 : 0);
    return crossover;
  });
  return { crossovers: found, mapped };
}

const share = (values: readonly number[], wanted: number) => values.filter((value) => value === wanted).length / COUNT;

test('without mixing an image has one latent, and no more are drawn', () => {
  const { crossovers: found, mapped } = crossovers(0);
  expect([share(found, LATENTS), mapped]).toEqual([1, COUNT]);
});

test('with mixing all have two, which change anywhere between the first and the last', () => {
  const { crossovers: found, mapped } = crossovers(1);
  expect(mapped).toBe(2 * COUNT);
  expect(share(found, LATENTS)).toBe(0);
  // Each of the four places has a probability of 1/4: 0.02 is a standard deviation of its share.
  for (const place of [1, 2, 3, 4]) expect(Math.abs(share(found, place) - 1 / 4)).toBeLessThan(0.08);
});

test('the probability of mixing is how many have two', () => {
  expect(Math.abs(share(crossovers(0.9).crossovers, LATENTS) - 0.1)).toBeLessThan(0.06); // a standard deviation is 0.015
});
