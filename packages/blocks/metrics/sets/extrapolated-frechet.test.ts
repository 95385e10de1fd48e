import { beforeAll, expect, test } from '@jest/globals';
import { loadEngine, Random, type Matrix, type Stream } from '@dualprior/core';
import { centre, factorOfSet, frechetDistance } from './frechet.ts';
import { extrapolatedFrechet, LEAST_SUBJECTS, subsetsOf } from './extrapolated-frechet.ts';

beforeAll(() => void loadEngine('cpu'));

const each = (count: number) => Array.from({ length: count }, (_, i) => i);
const column = (values: readonly number[]): Matrix => ({
  rows: values.length,
  columns: 1,
  values: Float64Array.from(values),
});
const draws = (stream: Stream, count: number, mean = 0, deviation = 1) =>
  Array.from({ length: count }, () => stream.normal(mean, deviation));

/** The distance of weighted numbers, whose weights sum to their count: (m1 - m2)^2 + (s1 - s2)^2, deviations over n - 1. */
function oneDimensional(a: readonly number[], b: readonly number[], weights: readonly number[]): number {
  const n = weights.reduce((sum, w) => sum + w, 0);
  const mean = (x: readonly number[]) => x.reduce((sum, value, i) => sum + weights[i]! * value, 0) / n;
  const [ma, mb] = [mean(a), mean(b)];
  const deviation = (x: readonly number[], m: number) =>
    Math.sqrt((x.reduce((sum, value, i) => sum + weights[i]! * (value - m) ** 2, 0) / n) * (a.length / (a.length - 1)));
  return (ma - mb) ** 2 + (deviation(a, ma) - deviation(b, mb)) ** 2;
}

/** Intercept of the line through points (1 / size, value), by the normal equations. */
function intercept(points: readonly (readonly [x: number, y: number])[]): number {
  const sum = (f: (x: number, y: number) => number) => points.reduce((total, [x, y]) => total + f(x, y), 0);
  const [n, sx, sy] = [points.length, sum((x) => x), sum((_, y) => y)];
  const [sxx, sxy] = [sum((x) => x * x), sum((x, y) => x * y)];
  return (sy * sxx - sx * sxy) / (n * sxx - sx * sx);
}

test('is the intercept of the distances of half to all images along 1 / n', () => {
  const stream = new Random(1).stream('line');
  const [a, b] = [draws(stream, 28, 0.3, 1.2), draws(stream, 28)];
  const subsets = subsetsOf(column(b), each(28));
  const bySize = new Map<number, number[]>();
  for (const { rows } of subsets) {
    const value = oneDimensional(
      rows.map((i) => a[i]!),
      rows.map((i) => b[i]!),
      rows.map(() => 1),
    );
    bySize.set(rows.length, [...(bySize.get(rows.length) ?? []), value]);
  }
  expect([...bySize.keys()]).toEqual([14, 16, 18, 20, 22, 24, 26, 28]);
  expect([...bySize.values()].map(({ length }) => length)).toEqual([4, 4, 4, 4, 4, 4, 4, 1]);
  const points = [...bySize].map(
    ([size, values]) => [1 / size, values.reduce((sum, value) => sum + value) / values.length] as const,
  );
  expect(extrapolatedFrechet(column(a), subsets).value).toBeCloseTo(intercept(points), 10);
});

test('contributions are the change of the value when an image counts for more, and their mean is the value', () => {
  const stream = new Random(2).stream('derivative');
  const count = 40;
  const [a, b] = [draws(stream, count, 0.5, 1.5), draws(stream, count)];
  const subsets = subsetsOf(column(b), each(count));
  const { value, contributions } = extrapolatedFrechet(column(a), subsets);
  expect(contributions.reduce((sum, x) => sum + x) / count).toBeCloseTo(value, 10);
  // The weight of image 7 grows by a little, all weights sum to their count as before.
  const little = 1e-6;
  const changed = (step: number) =>
    subsets.reduce((sum, { rows, weight }) => {
      const raw = rows.map((row) => (row === 7 ? 1 + step : 1));
      const total = raw.reduce((whole, w) => whole + w, 0);
      const weights = raw.map((w) => (w * rows.length) / total);
      return (
        sum +
        weight *
          oneDimensional(
            rows.map((i) => a[i]!),
            rows.map((i) => b[i]!),
            weights,
          )
      );
    }, 0);
  const derivative = (changed(little) - changed(-little)) / (2 * little);
  expect((contributions[7]! - value) / count).toBeCloseTo(derivative, 4);
});

test('images of one subject stay together', () => {
  const stream = new Random(3).stream('subjects');
  const subjects = each(3 * LEAST_SUBJECTS).map((i) => Math.floor(i / 3));
  for (const { rows } of subsetsOf(column(draws(stream, subjects.length)), subjects)) {
    const counts = new Map<number, number>();
    for (const row of rows) counts.set(subjects[row]!, (counts.get(subjects[row]!) ?? 0) + 1);
    expect(new Set(counts.values())).toEqual(new Set([3]));
  }
});

const DIMENSIONS = 48;
/** A power law, as the features of extractors have it; trace 150. */
const DEVIATIONS = each(DIMENSIONS).map((i) => Math.sqrt(150 / 4.458797) / Math.sqrt(i + 1));

/** Restored vectors whose correlation with the sharp ones is `closeness`, shifted and scaled: that alone is the true distance. */
function restored(stream: Stream, sharp: Matrix, closeness: number, shift: number, scale: number): Matrix {
  const own = Math.sqrt(1 - closeness ** 2);
  const values = sharp.values.map((value, i) => {
    const deviation = DEVIATIONS[i % DIMENSIONS]!;
    return scale * (closeness * value + own * stream.normal(0, deviation)) + shift * deviation;
  });
  return { ...sharp, values };
}

const truth = (shift: number, scale: number) =>
  DEVIATIONS.reduce((sum, deviation) => sum + deviation ** 2 * (shift ** 2 + (1 - scale) ** 2), 0);

test('of a method close to the sharp images and of one that is not: the true difference, where plain FID is far off', () => {
  const stream = new Random(4).stream('truth');
  const count = 200;
  const expected = truth(0.02, 0.97) - truth(0.03, 0.98);
  const [estimates, plain, covered]: [number[], number[], boolean[]] = [[], [], []];
  for (let draw = 0; draw < 12; draw++) {
    const values = Float64Array.from({ length: count * DIMENSIONS }, (_, i) =>
      stream.normal(0, DEVIATIONS[i % DIMENSIONS]!),
    );
    const sharp: Matrix = { rows: count, columns: DIMENSIONS, values };
    const subsets = subsetsOf(sharp, each(count));
    const sets = [restored(stream, sharp, 0.97, 0.02, 0.97), restored(stream, sharp, 0.3, 0.03, 0.98)] as const;
    const [near, far] = sets.map((set) => extrapolatedFrechet(set, subsets));
    const error = near!.contributions.map((value, i) => value - far!.contributions[i]! - near!.value + far!.value);
    const spread = Math.sqrt(error.reduce((sum, value) => sum + value ** 2, 0)) / count;
    const difference = near!.value - far!.value;
    estimates.push(difference);
    covered.push(Math.abs(difference - expected) < 1.96 * spread);
    const all = factorOfSet(centre(sharp));
    const [first, second] = sets.map((set) => frechetDistance(centre(set), all).value);
    plain.push(first! - second!);
  }
  const mean = (x: readonly number[]) => x.reduce((sum, value) => sum + value) / x.length;
  expect(Math.abs(mean(plain) - expected)).toBeGreaterThan(5);
  expect(Math.abs(mean(estimates) - expected)).toBeLessThan(0.85); // three standard errors
  expect(covered.filter(Boolean).length).toBeGreaterThanOrEqual(0.85 * covered.length);
});
