import { describe, expect, test } from '@jest/globals';
import { Random } from '@dualprior/core';
import type { Image } from '../images/image.ts';
import { crop } from '../images/transform.ts';
import { composed } from './drawn/composed.ts';
import type { Degradation } from './degradation.ts';
import { Downsample } from './downsample.ts';
import { Jpeg } from './jpeg.ts';
import { GaussianNoise } from './noise.ts';

const random = new Random(3);

/** A smooth picture with an edge. */
const picture: Image = {
  width: 48,
  height: 32,
  data: Uint8Array.from({ length: 48 * 32 * 3 }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % 48, Math.floor(i / 144), i % 3];
    return x > 20 ? 40 + 3 * y + 20 * c : 200 - 2 * x;
  }),
};

const flat = (width: number, value: number): Image => ({
  width,
  height: width,
  data: new Uint8Array(width * width * 3).fill(value),
});

const degrade = (degradation: Degradation, image: Image, name = 'image') =>
  Promise.resolve(degradation.bind(random)(image, random.stream(name)));

function deviation(a: Image, b: Image): number {
  expect([a.width, a.height]).toEqual([b.width, b.height]);
  const squares = Array.from(a.data, (value, i) => (value - b.data[i]!) ** 2);
  return Math.sqrt(squares.reduce((sum, square) => sum + square) / squares.length);
}

const noise = (options: object = {}) => new GaussianNoise({ sigma: 10, gray: 0, quantize: true, ...options });
const downsample = (factor: number | [number, number]) => new Downsample({ factor, down: 'linear', up: 'linear' });
const jpeg = (quality: number | [number, number]) => new Jpeg({ quality, chroma: '4:2:0' });

describe('noise', () => {
  test('has the deviation that was asked for, in each channel its own', async () => {
    const image = flat(64, 128);
    const noisy = await degrade(noise(), image);
    expect(deviation(noisy, image)).toBeGreaterThan(9.7);
    expect(deviation(noisy, image)).toBeLessThan(10.3);
    expect(noisy.data[0]).not.toBe(noisy.data[1]);
  });

  test('is the same in all channels where it is gray, and not rounded where it need not be', async () => {
    const { data } = await degrade(noise({ gray: 1, quantize: false }), flat(8, 128));
    expect(data).toBeInstanceOf(Float32Array);
    for (let i = 0; i < data.length; i += 3) expect([data[i + 1], data[i + 2]]).toEqual([data[i], data[i]]);
  });
});

describe('downsample', () => {
  test('by 1 leaves the image, by more it loses detail and keeps the mean', async () => {
    expect(await degrade(downsample(1), picture)).toEqual(picture);
    const coarse = await degrade(downsample(4), picture);
    expect(deviation(coarse, picture)).toBeGreaterThan(5);
    const mean = ({ data }: Image) => Array.from(data).reduce((sum, value) => sum + value) / data.length;
    expect(Math.abs(mean(coarse) - mean(picture))).toBeLessThan(2);
  });

  test('of a side that is no multiple, or larger than the image, works', async () => {
    expect((await degrade(downsample(3.7), picture)).data).toHaveLength(picture.data.length);
    const tiny = await degrade(downsample(64), flat(5, 77));
    expect(tiny).toEqual(flat(5, 77));
  });
});

test('jpeg: a lower quality is further from the image', async () => {
  const [good, bad] = [await degrade(jpeg(95), picture), await degrade(jpeg(10), picture)];
  expect(deviation(good, picture)).toBeGreaterThan(0);
  expect(deviation(good, picture)).toBeLessThan(deviation(bad, picture));
});

test.each([
  ['noise', noise({ sigma: [0, 30] })],
  ['downsample', downsample([1, 8])],
  ['jpeg', jpeg([5, 95])],
])('%s is a function of its stream, and differs from stream to stream', async (_, degradation) => {
  const [a, again, b] = [
    await degrade(degradation, picture, 'a'),
    await degrade(degradation, picture, 'a'),
    await degrade(degradation, picture, 'b'),
  ];
  expect(again).toEqual(a);
  expect(b).not.toEqual(a);
});

test('a range whose ends are the wrong way round is an error', () => {
  expect(() => jpeg([90, 10])).toThrow('quality is [90, 10], but the smaller number comes first: [10, 90].');
});

describe('one after the other', () => {
  const all = [downsample([1, 4]), noise({ sigma: [0, 20] }), jpeg([20, 90])];

  test('each works on what the one before made', async () => {
    const stream = random.stream('image');
    let expected = picture;
    for (const degradation of all) expected = await degradation.bind(random)(expected, stream);
    expect(await composed(all, random)(picture, random.stream('image'))).toEqual(expected);
  });

  test('only the last may keep to the window', async () => {
    const window = { left: 8, top: 3, width: 11, height: 9 };
    const made = await composed(all.slice().reverse(), random)(picture, random.stream('image'), window);
    const whole = await composed(all.slice().reverse(), random)(picture, random.stream('image'));
    expect(made.width === window.width ? made : crop(made, window)).toEqual(crop(whole, window));
  });

  test('none leaves the image', async () => {
    expect(await composed([], random)(picture, random.stream('image'))).toBe(picture);
  });
});
