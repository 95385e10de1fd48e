import { describe, expect, test } from '@jest/globals';
import { Random, Stream } from '@dualprior/core';
import type { Image } from '../images/image.ts';
import { crop } from '../images/transform.ts';
import { Chain } from './chain.ts';
import { Choice } from './choice.ts';
import type { Degradation } from './degradation.ts';
import { GaussianBlur } from './gaussian-blur.ts';
import { Resize } from './resize.ts';
import { SincFilter } from './sinc-filter.ts';

const SIDE = 40;

const noise = new Stream('image');
const image: Image = {
  width: SIDE,
  height: SIDE,
  data: Uint8Array.from({ length: 3 * SIDE * SIDE }, () => noise.integer(256)),
};

const run = async (degradation: Degradation, key: string | number = 0) =>
  degradation.bind(new Random(0))(image, new Stream(String(key)));

/** Makes all pixels this value. */
const paint = (value: number): Degradation => ({
  bind: () => (of) => ({ ...of, data: of.data.map(() => value) }),
});

describe('choice', () => {
  test('does each thing as often as its probability says, and nothing otherwise', async () => {
    const choice = new Choice({
      choices: [
        { probability: 0.5, degradation: paint(1) },
        { probability: 0.2, degradation: paint(2) },
      ],
    });
    const counts = new Map<number, number>();
    const times = 3000;
    for (let i = 0; i < times; i++) {
      const made = await run(choice, i);
      const key = made === image ? 0 : made.data[0]!;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    for (const [key, share] of [
      [0, 0.3],
      [1, 0.5],
      [2, 0.2],
    ] as const) {
      const deviation = Math.sqrt((share * (1 - share)) / times);
      expect(Math.abs(counts.get(key)! / times - share)).toBeLessThan(4 * deviation);
    }
  });

  test('refuses probabilities above 1 in all', () => {
    const half = { probability: 0.6, degradation: paint(1) };
    expect(() => new Choice({ choices: [half, half] })).toThrow('the probabilities sum to 1.2, but to 1 at most');
  });
});

test('a chain of chains does its steps one after the other, and knows the original size', async () => {
  const half = new Resize({ of: 'current', factor: 2, mode: 'area', quantize: false });
  const back = new Resize({ of: 'original', mode: 'bilinear', quantize: false });
  const inner = new Chain({ steps: [half, half], quantize: false });
  expect(await run(inner)).toMatchObject({ width: SIDE / 4, height: SIDE / 4 });
  const outer = new Chain({ steps: [inner, back], quantize: true });
  const made = await run(outer);
  expect([made.width, made.height, made.data.constructor]).toEqual([SIDE, SIDE, Uint8Array]);
});

describe('resize', () => {
  test('draws the size between both ends', async () => {
    const smaller = new Resize({ of: 'current', factor: [2, 4], mode: ['area', 'bicubic'], quantize: true });
    const sides = await Promise.all(Array.from({ length: 200 }, async (_, i) => (await run(smaller, i)).width));
    // 20 only for a factor of just 2
    expect([Math.min(...sides), Math.max(...sides)]).toEqual([10, 19]);
  });

  test('refuses two sizes', () => {
    expect(() => new Resize({ of: 'current', scale: 2, factor: 2, mode: 'area', quantize: true })).toThrow(
      'leave one out',
    );
  });
});

describe.each([
  [
    'gaussian-blur, the same in all directions',
    new GaussianBlur({
      size: [7, 21],
      sigma: [0.2, 3],
      isotropic: true,
      profile: 'gaussian',
      beta: 1,
      quantize: false,
    }),
  ],
  [
    'gaussian-blur of two axes',
    new GaussianBlur({
      size: [7, 21],
      sigma: [0.2, 3],
      isotropic: false,
      profile: 'plateau',
      beta: [1, 2],
      quantize: false,
    }),
  ],
  ['sinc', new SincFilter({ size: [7, 21], cutoff: [0.2, 1], quantize: false })],
] as const)('%s', (_, blur) => {
  test('makes of a window what the whole image has there', async () => {
    const window = { left: 3, top: 5, width: 16, height: 12 };
    const part = await blur.bind(new Random(0))(image, new Stream('one'), window);
    const there = crop(await run(blur, 'one'), window);
    expect(part).toMatchObject({ width: 16, height: 12 });
    part.data.forEach((value, i) => expect(value).toBeCloseTo(there.data[i]!, 3));
  });

  test('leaves a flat image as it is', async () => {
    const flat = { ...image, data: image.data.map(() => 100) };
    const made = await blur.bind(new Random(0))(flat, new Stream('flat'));
    for (const value of made.data) expect(value).toBeCloseTo(100, 3);
  });
});

test('kernels have odd sides', () => {
  const blur = (size: number | [number, number]) => () => new SincFilter({ size, cutoff: 1, quantize: true });
  expect(blur(8)).toThrow('size is 8, but a kernel has an odd side.');
  expect(blur([21, 7])).toThrow('the smaller number comes first: [7, 21]');
});
