import { describe, expect, test } from '@jest/globals';
import { Stream, type Matrix } from '@dualprior/core';
import { polynomialMmd } from './polynomial-mmd.ts';

function drawn(key: string, rows: number, columns: number, mean = 0): Matrix {
  const stream = new Stream(key);
  return { rows, columns, values: Float64Array.from({ length: rows * columns }, () => stream.normal(mean)) };
}

function without(matrix: Matrix, index: number): Matrix {
  const { rows, columns, values } = matrix;
  return {
    rows: rows - 1,
    columns,
    values: values.filter((_, i) => Math.floor(i / columns) !== index),
  };
}

/** By its definition, pair by pair. */
function direct(x: Matrix, y: Matrix, pairsToo: boolean): number {
  const row = ({ columns, values }: Matrix, i: number) => values.subarray(i * columns, (i + 1) * columns);
  const kernel = (a: Float64Array, b: Float64Array) =>
    (a.reduce((sum, value, i) => sum + value * b[i]!, 0) / a.length + 1) ** 3;
  const n = x.rows;
  let [within, across] = [0, 0];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (i !== j) within += kernel(row(x, i), row(x, j)) + kernel(row(y, i), row(y, j));
      if (i !== j || pairsToo) across += kernel(row(x, i), row(y, j));
    }
  }
  return within / (n * (n - 1)) - (2 * across) / (pairsToo ? n * n : n * (n - 1));
}

describe('the kernel distance', () => {
  const [x, y] = [drawn('x', 9, 5, 0.4), drawn('y', 9, 5)];

  test('is what its definition says', () => {
    expect(polynomialMmd(x, y, 'u-statistic').value).toBeCloseTo(direct(x, y, false), 12);
    expect(polynomialMmd(x, y, 'unbiased').value).toBeCloseTo(direct(x, y, true), 12);
  });

  test("contributions are the jackknife's: n U - (n - 1) U without the image", () => {
    const { value, contributions } = polynomialMmd(x, y, 'u-statistic');
    expect(contributions.reduce((sum, each) => sum + each, 0) / 9).toBeCloseTo(value, 11);
    contributions.forEach((each, i) => {
      const rest = direct(without(x, i), without(y, i), false);
      expect(each).toBeCloseTo(9 * value - 8 * rest, 10);
    });
    const unbiased = polynomialMmd(x, y, 'unbiased');
    expect(unbiased.contributions.reduce((sum, each) => sum + each, 0) / 9).toBeCloseTo(unbiased.value, 11);
  });

  test('is 0 for a set and itself, and around 0 for sets of one kind, however few', () => {
    expect(polynomialMmd(x, x, 'u-statistic').value).toBeCloseTo(0, 12);
    const values = Array.from(
      { length: 200 },
      (_, i) => polynomialMmd(drawn(`x${i}`, 6, 4), drawn(`y${i}`, 6, 4), 'unbiased').value,
    );
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    expect(Math.abs(mean)).toBeLessThan((3 * deviation) / Math.sqrt(values.length));
  });

  test('leaves out the pairs of an image that is there several times', () => {
    const y = drawn('sharp', 4, 5);
    const x = drawn('restored', 12, 5, 0.3);
    const repeated = { rows: 12, columns: 5, values: Float64Array.from([...y.values, ...y.values, ...y.values]) };
    const { value, contributions } = polynomialMmd(x, repeated, 'u-statistic');
    const row = ({ columns, values }: Matrix, i: number) => values.subarray(i * columns, (i + 1) * columns);
    const kernel = (a: Float64Array, b: Float64Array) =>
      (a.reduce((sum, each, i) => sum + each * b[i]!, 0) / a.length + 1) ** 3;
    let [sum, count] = [0, 0];
    for (let i = 0; i < 12; i++) {
      for (let j = 0; j < 12; j++) {
        if (i % 4 === j % 4) continue;
        const [ai, aj, bi, bj] = [row(x, i), row(x, j), row(repeated, i), row(repeated, j)];
        sum += kernel(ai, aj) + kernel(bi, bj) - kernel(ai, bj) - kernel(aj, bi);
        count++;
      }
    }
    expect(value).toBeCloseTo(sum / count, 12);
    expect(contributions.reduce((all, each) => all + each, 0) / 12).toBeCloseTo(value, 11);
    const one = { rows: 2, columns: 5, values: Float64Array.from([...row(y, 0), ...row(y, 0)]) };
    expect(() => polynomialMmd(one, one, 'unbiased')).toThrow('at least 2 images, but all 2 are one');
  });

  test('a set larger than a block of rows', () => {
    const [many, others] = [drawn('many', 1030, 2), drawn('others', 1030, 2)];
    expect(polynomialMmd(many, others, 'u-statistic').value).toBeCloseTo(direct(many, others, false), 10);
  });

  test('needs two images', () => {
    const of = (count: number) => () => polynomialMmd(drawn('a', count, 3), drawn('b', count, 3), 'unbiased');
    expect(of(1)).toThrow('KID needs at least 2 images, but there is 1.');
    expect(of(0)).toThrow('KID needs at least 2 images, but there are none.');
    const two = polynomialMmd(drawn('a', 2, 3), drawn('b', 2, 3), 'u-statistic');
    expect([...two.contributions].every(Number.isFinite)).toBe(true);
  });
});
