import { describe, expect, test } from '@jest/globals';
import { Stream, type Matrix } from '@dualprior/core';
import { centre, factorOfSet, factorOfStatistics, frechetDistance, statisticsOf } from './frechet.ts';

/** Vectors whose numbers have deviations of 1, 1/2, 1/3, ... around `mean`. */
function drawn(key: string, rows: number, columns: number, mean = 0): Matrix {
  const stream = new Stream(key);
  const values = Float64Array.from({ length: rows * columns }, (_, i) => stream.normal(mean, 1 / (1 + (i % columns))));
  return { rows, columns, values };
}

const distance = (a: Matrix, b: Matrix) => frechetDistance(centre(a), factorOfSet(centre(b)));

/** Row `index` as often as the others together, times `weight`. */
function repeated(matrix: Matrix, index: number, times: number): Matrix {
  const row = matrix.values.subarray(index * matrix.columns, (index + 1) * matrix.columns);
  const rest = Array.from({ length: times }, () => [...matrix.values]).flat();
  return { ...matrix, rows: matrix.rows * times + 1, values: Float64Array.from([...rest, ...row]) };
}

describe('the Frechet distance', () => {
  test('of two sets of one number each is that of two normal distributions', () => {
    const [a, b] = [drawn('a', 40, 1, 2), drawn('b', 30, 1)];
    const [one, other] = [statisticsOf(centre(a)), statisticsOf(centre(b))];
    const roots = [one, other].map(({ covariance }) => Math.sqrt(covariance.values[0]!));
    const expected = (one.mean[0]! - other.mean[0]!) ** 2 + (roots[0]! - roots[1]!) ** 2;
    expect(distance(a, b).value).toBeCloseTo(expected, 10);
  });

  // By numpy 2.4.6: np.cov (over n - 1) and np.trace of both sets, the root's trace as np.linalg.norm(A @ B.T, 'nuc') of the centred sets over
  // the roots of n - 1; scipy.linalg.sqrtm gives the first to 1e-14. Over n they would be 0.0902 and 1.7297.
  test.each([
    ['more vectors than numbers', 7, 9, 3, 0.10108885863155],
    ['fewer', 4, 5, 6, 1.8619258350268773],
  ])('of two sets with %s is the one that numpy computes', (_, n, m, columns, expected) => {
    const set = (seed: number, rows: number): Matrix => {
      const values = Float64Array.from({ length: rows * columns }, (_, k) => {
        const [i, j] = [Math.floor(k / columns), k % columns];
        return Math.sin(seed + 1.7 * i + 0.9 * j * j) + 0.3 * j * Math.cos(0.5 * i * seed + j);
      });
      return { rows, columns, values };
    };
    expect(distance(set(1, n), set(2, m)).value).toBeCloseTo(expected, 8);
  });

  test.each([
    ['more vectors than numbers', 50, 8],
    ['fewer', 6, 20],
  ])('with %s: 0 for equal sets, symmetric, and the same by statistics', (_, rows, columns) => {
    const [a, b] = [drawn('a', rows, columns), drawn('b', rows, columns, 0.3)];
    expect(Math.abs(distance(a, a).value)).toBeLessThan(1e-10);
    const { value } = distance(a, b);
    expect(value).toBeGreaterThan(0.1);
    expect(distance(b, a).value).toBeCloseTo(value, 8);
    const byStatistics = frechetDistance(centre(a), factorOfStatistics(statisticsOf(centre(b))));
    expect(byStatistics.value).toBeCloseTo(value, 7);
    expect(byStatistics.second).toBeUndefined();
  });

  test.each([
    ['more vectors than numbers', 30, 5],
    ['as many', 12, 12],
    ['fewer', 8, 20],
  ])('with %s: contributions are its derivative by the weight of a vector', (_, rows, columns) => {
    const [a, b] = [drawn('a', rows, columns), drawn('b', rows, columns, 0.2)];
    const { first, second } = distance(a, b);
    expect(first.reduce((sum, each) => sum + each, 0)).toBeCloseTo(0, 9);
    expect(second!.reduce((sum, each) => sum + each, 0)).toBeCloseTo(0, 9);
    // Each vector t times, and one of them once more: its weight grows by about 1 / (t n).
    const times = 400;
    const [many, others] = [a, b].map((set) => ({
      ...set,
      rows: rows * times,
      values: Float64Array.from(Array.from({ length: times }, () => [...set.values]).flat()),
    }));
    const [whole, factored] = [distance(many!, others!), factorOfSet(centre(others!))];
    for (const index of [0, rows - 1]) {
      const moved = frechetDistance(centre(repeated(a, index, times)), factored);
      const derivative = (moved.value - whole.value) * (rows * times + 1);
      expect(derivative).toBeCloseTo(whole.first[index]!, 1);
      const back = distance(many!, repeated(b, index, times));
      expect((back.value - whole.value) * (rows * times + 1)).toBeCloseTo(whole.second![index]!, 1);
    }
  });

  test('contributions tell how far the distance moves from draw to draw', () => {
    const draws = Array.from({ length: 60 }, (_, i) => distance(drawn(`a${i}`, 120, 6, 0.4), drawn(`b${i}`, 120, 6)));
    const mean = draws.reduce((sum, { value }) => sum + value, 0) / draws.length;
    const spread = Math.sqrt(draws.reduce((sum, { value }) => sum + (value - mean) ** 2, 0) / (draws.length - 1));
    const errors = draws.map(
      ({ first, second }) => Math.sqrt(first.reduce((sum, each, i) => sum + (each + second![i]!) ** 2, 0)) / 120,
    );
    const error = errors.reduce((sum, each) => sum + each, 0) / errors.length;
    expect(error / spread).toBeGreaterThan(0.75);
    expect(error / spread).toBeLessThan(1.3);
  });

  test('of sets without spread is that of their means', () => {
    const constant = (value: number): Matrix => ({ rows: 4, columns: 3, values: new Float64Array(12).fill(value) });
    const { value, first, second } = distance(constant(2), constant(0.5));
    expect([value, ...first, ...second!]).toEqual([3 * 1.5 ** 2, ...new Array<number>(8).fill(0)]);
  });

  test('needs two vectors', () => {
    expect(() => centre(drawn('a', 1, 4))).toThrow('at least 2 images, but there is 1');
    expect(() => centre(drawn('a', 0, 4))).toThrow('there are none');
  });
});
