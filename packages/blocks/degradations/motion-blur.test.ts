import { describe, expect, test } from '@jest/globals';
import { Random } from '@dualprior/core';
import type { Image } from '../images/image.ts';
import { crop } from '../images/transform.ts';
import { CameraShake } from '../kernels/camera-shake.ts';
import type { Kernel, Kernels } from '../kernels/kernels.ts';
import { convolve } from './pixels/convolve.ts';
import { taps, type Border } from './pixels/taps.ts';
import { MotionBlur } from './motion-blur.ts';

const random = new Random(3);

function noise(width: number, height: number): Image {
  const stream = random.stream('noise');
  return { width, height, data: Uint8Array.from({ length: width * height * 3 }, () => stream.integer(256)) };
}

const lopsided: Kernel = { size: 3, data: Float64Array.from([0.1, 0, 0.2, 0, 0.3, 0, 0, 0.4, 0]) };

/** Convolution by its definition. */
function naive({ width, height, data }: Image, kernel: Kernel, border: Border): number[] {
  const fold = (i: number, length: number) => {
    if (border === 'replicate') return Math.min(length - 1, Math.max(0, i));
    if (border === 'zero') return i;
    if (i < 0) return -i;
    return i >= length ? 2 * (length - 1) - i : i;
  };
  const at = (x: number, y: number, c: number) => data[3 * (fold(y, height) * width + fold(x, width)) + c] ?? 0;
  const inside = (x: number, y: number) => border !== 'zero' || (x >= 0 && y >= 0 && x < width && y < height);
  const out: number[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        kernel.data.forEach((weight, k) => {
          const [dx, dy] = [(k % kernel.size) - 1, Math.floor(k / kernel.size) - 1];
          if (inside(x - dx, y - dy)) sum += weight * at(x - dx, y - dy, c);
        });
        out.push(sum);
      }
  return out;
}

describe('convolution', () => {
  test('with five and more weights is the definition too', () => {
    const image = noise(16, 11);
    const stream = random.stream('weights');
    const kernel: Kernel = { size: 3, data: Float64Array.from({ length: 9 }, () => stream.uniform()) };
    const expected = naive(image, kernel, 'reflect');
    convolve(image, taps(kernel), 'reflect').forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 3));
  });

  test.each<Border>(['reflect', 'replicate', 'zero'])('is the definition, border %s', (border) => {
    const image = noise(7, 5);
    const expected = naive(image, lopsided, border);
    convolve(image, taps(lopsided), border).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 3));
  });

  test.each<Border>(['reflect', 'replicate', 'zero'])('of a window is that part of the whole, border %s', (border) => {
    const image = noise(40, 30);
    const kernel = taps(new CameraShake({ count: 1, size: 21, reference: 40 }).kernel(random, 0, 40));
    const all = { width: 40, height: 30, data: convolve(image, kernel, border) };
    const windows = [
      [0, 0, 40, 30],
      [0, 3, 8, 9],
      [35, 25, 5, 5],
      [13, 11, 16, 1],
    ] as const;
    for (const [left, top, width, height] of windows) {
      const window = { left, top, width, height };
      expect(convolve(image, kernel, border, window)).toEqual(crop(all, window).data);
    }
  });

  test('with a delta is the image', () => {
    const image = noise(9, 6);
    const delta: Kernel = { size: 3, data: Float64Array.from([0, 0, 0, 0, 1, 0, 0, 0, 0]) };
    expect([...convolve(image, taps(delta), 'zero')]).toEqual([...image.data]);
  });

  test('a kernel larger than the image is folded', () => {
    const wide: Kernel = { size: 15, data: new Float64Array(225).fill(1 / 225) };
    const flat: Image = { width: 4, height: 3, data: new Uint8Array(36).fill(77) };
    for (const value of convolve(flat, taps(wide), 'reflect')) expect(value).toBeCloseTo(77, 3);
  });
});

describe('motion blur', () => {
  const options = {
    kernels: new CameraShake({ count: 10, size: 71, reference: 512 }),
    border: 'reflect' as const,
    noise: 0,
  };
  const image = noise(64, 48);

  test('leaves a flat image as it is', () => {
    const flat: Image = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(200) };
    const blur = new MotionBlur({ ...options, quantize: true }).bind(random);
    expect(blur(flat, random.stream('a'))).toEqual(flat);
  });

  test('is a function of its stream; rounds to 8 bits unless configured otherwise', async () => {
    const rounded = new MotionBlur({ ...options, quantize: true }).bind(random);
    const exact = new MotionBlur({ ...options, quantize: false }).bind(random);
    const [a, b] = [await rounded(image, random.stream('a')), await exact(image, random.stream('a'))];
    expect(rounded(image, random.stream('a'))).toEqual(a);
    expect(a.data).toBeInstanceOf(Uint8Array);
    expect(b.data).toBeInstanceOf(Float32Array);
    b.data.forEach((value, i) => expect(Math.abs(value - a.data[i]!)).toBeLessThanOrEqual(0.5));
  });

  test('draws all kernels of the family and no other', async () => {
    const asked = new Set<number>();
    const family: Kernels = {
      count: 5,
      size: 3,
      kernel: (_, index) => {
        asked.add(index);
        return lopsided;
      },
    };
    const blur = new MotionBlur({ ...options, kernels: family, quantize: true }).bind(random);
    for (let i = 0; i < 60; i++) await blur(image, random.stream(i));
    expect([...asked].sort()).toEqual([0, 1, 2, 3, 4]);
  });

  test('in linear space blurs light: half black and half white is mid-grey, 188', async () => {
    const two: Kernels = {
      count: 1,
      size: 3,
      kernel: () => ({ size: 3, data: Float64Array.from([0, 0, 0, 0.5, 0, 0.5, 0, 0, 0]) }),
    };
    // Rows of black and white pixels in turn: each blurred pixel is the mean of its neighbours, which are equal, in the middle of one of each.
    const data = Uint8Array.from({ length: 3 * 8 * 4 }, (_, i) => (Math.floor(i / 3) % 4 < 2 ? 0 : 255));
    const blur = (space: 'srgb' | 'linear', saturation?: number) =>
      new MotionBlur({ ...options, kernels: two, quantize: true, space, ...(saturation && { saturation }) }).bind(
        random,
      )({ width: 8, height: 4, data }, random.stream('l'));
    const at = async (made: ReturnType<typeof blur>) =>
      [...(await made).data].filter((_, i) => i % 3 === 0).slice(1, 3);
    // sRGB of half the light: 255 * (1.055 * 0.5 ** (1 / 2.4) - 0.055) = 187.5.
    expect(await at(blur('linear'))).toEqual([188, 188]);
    expect(await at(blur('srgb'))).toEqual([128, 128]);
    // A white that is 1.5 times as bright leaves 0.75: 255 * (1.055 * 0.75 ** (1 / 2.4) - 0.055) = 224.6.
    expect(await at(blur('linear', 1.5))).toEqual([225, 225]);
    expect(await at(blur('linear', 4))).toEqual([255, 255]);
  });

  test('in linear space leaves a flat image as it is', async () => {
    for (const level of [0, 3, 10, 11, 128, 254]) {
      const flat: Image = { width: 16, height: 16, data: new Uint8Array(16 * 16 * 3).fill(level) };
      const blur = new MotionBlur({ ...options, quantize: true, space: 'linear', saturation: 2 }).bind(random);
      expect(await blur(flat, random.stream('a'))).toEqual(flat);
    }
  });

  test('saturation without light is an error', () => {
    expect(() => new MotionBlur({ ...options, quantize: true, saturation: 2 })).toThrow('needs `space: linear`');
  });

  test('adds noise of the given deviation', async () => {
    const flat: Image = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(128) };
    const blur = new MotionBlur({ ...options, noise: 5, quantize: false }).bind(random);
    const { data } = await blur(flat, random.stream('n'));
    const variance = Array.from(data).reduce((sum, value) => sum + (value - 128) ** 2, 0) / data.length;
    expect(Math.sqrt(variance)).toBeGreaterThan(4.8);
    expect(Math.sqrt(variance)).toBeLessThan(5.2);
  });
});
