import { Random, type Matrix } from '@dualprior/core';
import type { SetValue } from '../metric.ts';
import { centre, factorOfSet, frechetDistance, type Factored } from './frechet.ts';

/** Sizes of subsets, from half to all subjects. */
const SIZES = 8;
/** Subsets of each size but the last: windows of one permutation, evenly spaced, so that every subject has about the same part. */
const WINDOWS = 4;
/** Subjects for which the sizes differ. */
export const LEAST_SUBJECTS = 2 * (SIZES - 1);

/** Some pairs of images, and what they count for. */
export interface Subset {
  /** Their rows. */
  readonly rows: readonly number[];
  /** The factor of its distance in the intercept; those of all subsets sum to 1. */
  readonly weight: number;
  /** The statistics of the sharp images. */
  readonly sharp: Factored;
}

/**
 * The subsets of sharp images by whose distances that of infinitely many is extrapolated.
 * @param subjects of each row; rows of one subject stay together
 */
export function subsetsOf(sharp: Matrix, subjects: ArrayLike<number>): Subset[] {
  const rowsOf = new Map<number, number[]>();
  for (let row = 0; row < sharp.rows; row++) rowsOf.set(subjects[row]!, [...(rowsOf.get(subjects[row]!) ?? []), row]);
  const all = [...rowsOf.values()];
  const order = new Random(0).stream('fid-infinity', all.length).permutation(all.length);
  const sizes = Array.from({ length: SIZES }, (_, k) => Math.round(all.length * (0.5 + (0.5 * k) / (SIZES - 1))));
  const weights = interceptWeights(sizes.map((size) => 1 / size));
  return sizes.flatMap((size, k) => {
    const windows = size === all.length ? 1 : WINDOWS;
    return Array.from({ length: windows }, (_, w): Subset => {
      const first = Math.round((w * all.length) / windows);
      const rows = Array.from({ length: size }, (_, i) => all[order[(first + i) % all.length]!]!).flat();
      return { rows, weight: weights[k]! / windows, sharp: factorOfSet(centre(taken(sharp, rows))) };
    });
  });
}

/**
 * The Frechet distance of infinitely many images by least squares over subsets: FID_n = FID_infinity + c / n (Chong and Forsyth 2020,
 * "Effectively Unbiased FID and Inception Score"). Contributions are of first order; they exaggerate the spread (jackknife estimates of a
 * variance are too large where second-order terms matter, Efron and Stein 1981), so intervals are wider than they need to be.
 */
export function extrapolatedFrechet(restored: Matrix, subsets: readonly Subset[]): SetValue {
  const contributions = new Float64Array(restored.rows);
  let value = 0;
  for (const { rows, weight, sharp } of subsets) {
    const distance = frechetDistance(centre(taken(restored, rows)), sharp);
    value += weight * distance.value;
    const scale = (weight * restored.rows) / rows.length; // the part of an image in the mean over all of them
    rows.forEach((row, i) => (contributions[row]! += scale * (distance.first[i]! + distance.second![i]!)));
  }
  return { value, contributions: contributions.map((each) => value + each) };
}

/** What each ordinate counts for in the intercept of a line by least squares. */
function interceptWeights(x: readonly number[]): number[] {
  const mean = x.reduce((sum, each) => sum + each, 0) / x.length;
  const spread = x.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  return x.map((each) => 1 / x.length - (mean * (each - mean)) / spread);
}

function taken({ columns, values }: Matrix, rows: readonly number[]): Matrix {
  const part = new Float64Array(rows.length * columns);
  rows.forEach((row, i) => part.set(values.subarray(row * columns, (row + 1) * columns), i * columns));
  return { rows: rows.length, columns, values: part };
}
