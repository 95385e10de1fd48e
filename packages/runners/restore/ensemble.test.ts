import { expect, test } from '@jest/globals';
import { ALL_WAYS, ensemble, UPRIGHT_WAYS } from './ensemble.ts';
import type { Picture } from './picture.ts';

test('upright ways: the mean over a picture and its mirror image', async () => {
  const picture: Picture = { width: 2, height: 1, data: Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6), white: 1 };
  const seen: number[][] = [];
  /** Doubles the left pixel. */
  const result = await ensemble(picture, UPRIGHT_WAYS, (each) => {
    seen.push([...each.data].map((value) => Number(value.toFixed(1))));
    const data = Float32Array.from(each.data, (value, i) => (i < 3 ? 2 * value : value));
    return Promise.resolve({ ...each, data, white: 1, tiles: 1, overlap: 0, passes: 1, difference: 0 });
  });
  expect(seen).toEqual([
    [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
    [0.4, 0.5, 0.6, 0.1, 0.2, 0.3],
  ]);
  result.data.forEach((value, i) => expect(value).toBeCloseTo(1.5 * picture.data[i]!, 5));
});

test('the mean over 8 flips and turns, of a method that weighs rows and columns', async () => {
  const [width, height] = [3, 2];
  const data = Float32Array.from({ length: width * height * 3 }, (_, i) => (i + 1) / 20);
  const picture: Picture = { width, height, data, white: 1 };
  /** Weighs the pixel in column x and row y by 1 + x + 10 y. */
  const weigh = (each: Picture) => {
    const values = Float32Array.from(each.data, (value, i) => {
      const pixel = Math.floor(i / 3);
      return value * (1 + (pixel % each.width) + 10 * Math.floor(pixel / each.width));
    });
    return { ...each, data: values, white: 1 as const, tiles: 1, overlap: 0, passes: 1, difference: 0 };
  };
  const calls: number[] = [];
  const result = await ensemble(picture, ALL_WAYS, (each, index) => {
    calls.push(index);
    return Promise.resolve(weigh(each));
  });
  expect(calls).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  // Upright and upside down, mirrored or not, x is x or w - 1 - x, and y is y or h - 1 - y: the mean is half of their sum. Turned, they change places.
  const expected = data.map((value) => value * (1 + ((1 + 10) * ((width - 1) / 2 + (height - 1) / 2)) / 2));
  result.data.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
});
