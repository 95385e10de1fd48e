import { describe, expect, test } from '@jest/globals';
import { kernelImage, supportSize } from './kernel-sheet.ts';

const kernel = (size: number, weights: Record<number, number>) => {
  const data = new Float64Array(size * size);
  for (const [at, weight] of Object.entries(weights)) data[Number(at)] = weight;
  return { size, data };
};

describe('the picture of a kernel', () => {
  test('has grey squares of whole pixels, brighter than the weights, the largest one white', () => {
    const { width, height, data } = kernelImage(kernel(3, { 1: 0.5, 5: 0.25 }), 8);
    expect([width, height, data.length]).toEqual([6, 6, 108]);
    const half = Math.round(255 * 0.5 ** 0.6); // 168
    const rows = Array.from({ length: 6 }, (_, y) => Array.from({ length: 6 }, (_, x) => data[3 * (6 * y + x)]));
    expect(rows).toEqual([
      [0, 0, 255, 255, 0, 0],
      [0, 0, 255, 255, 0, 0],
      [0, 0, 0, 0, half, half],
      [0, 0, 0, 0, half, half],
      [0, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0],
    ]);
    for (let i = 0; i < data.length; i += 3) expect([data[i + 1], data[i + 2]]).toEqual([data[i], data[i]]);
  });

  test('is not smaller than the kernel', () => {
    expect(kernelImage(kernel(5, { 0: 1 }), 4)).toMatchObject({ width: 5, height: 5 });
  });
});

describe('the support of a kernel', () => {
  test.each([
    [{ 12: 1 }, 1],
    [{ 11: 1, 13: 1 }, 3], // a row
    [{ 7: 1, 17: 1 }, 3], // a column
    [{ 0: 1, 24: 1 }, 5],
    [{ 4: 1, 5: 1 }, 5], // from the end of a row to the beginning of the next one
    [{ 10: 1, 16: 1 }, 2],
  ])('of weights at %j of 5x5 is %d', (weights, side) => {
    expect(supportSize(kernel(5, weights))).toBe(side);
  });

  test('begins above a thousandth of the largest weight', () => {
    expect(supportSize(kernel(3, { 0: 1000, 1: 1, 2: 0.5 }))).toBe(1);
    expect(supportSize(kernel(3, { 0: 1000, 1: 1.001 }))).toBe(2);
  });
});
