import { readNpz, UserError, type NdArray } from '@dualprior/core';
import type { Statistics } from './frechet.ts';

/** How far from a covariance its numbers may be, in terms of its largest covariance: what rounding to float32 leaves. */
const ROUNDING = 1e-5;

/**
 * Statistics as pytorch-fid writes them: `mu` (d), `sigma` (d, d).
 * Errors: `UserError` if the file is missing or damaged, or its numbers are of another count of features, or cannot be means of
 * rectified features and their covariance.
 * @param what which features are expected, for display
 */
export function readStatistics(file: string, features: number, what: string): Statistics {
  const arrays = readNpz(file);
  const fail = (problem: string) => new UserError(`${file} holds no statistics that can be compared with: ${problem}.`);
  const [mu, sigma] = ['mu', 'sigma'].map((name) => arrays.get(name));
  if (!mu || !sigma) {
    const found = [...arrays.keys()].join(', ') || 'nothing';
    throw fail(`it holds ${found} instead of mu and sigma as pytorch-fid writes them`);
  }
  if (mu.shape.join() !== `${features}` || sigma.shape.join() !== `${features},${features}`) {
    const found = `mu (${mu.shape.join(', ')}) and sigma (${sigma.shape.join(', ')})`;
    throw fail(
      `it holds ${found}, but ${what} has ${features} features; statistics must be made with the same feature extractor and resizing`,
    );
  }
  const [mean, values] = [toDoubles(mu), toDoubles(sigma)];
  if (![...mean].every(Number.isFinite) || !values.every(Number.isFinite))
    throw fail('not all of its numbers are finite');
  if (mean.some((value) => value < 0)) {
    throw fail(
      `mu has numbers below 0, but ${what} gives means of rectified features, which are never negative; statistics must be made with the same feature extractor`,
    );
  }
  if (!isCovariance(values, features)) {
    throw fail('sigma is not a covariance (symmetric, no negative variances, none greater than the variances allow)');
  }
  return { mean, covariance: { rows: features, columns: features, values } };
}

function toDoubles({ values }: NdArray): Float64Array {
  return Float64Array.from(values as Float64Array, Number);
}

function isCovariance(values: Float64Array, size: number): boolean {
  let [largest, apart, beyond] = [0, 0, 0];
  for (let i = 0; i < size; i++) {
    if (values[i * size + i]! < 0) return false;
    for (let j = 0; j < i; j++) {
      largest = Math.max(largest, Math.abs(values[i * size + j]!));
      apart = Math.max(apart, Math.abs(values[i * size + j]! - values[j * size + i]!));
      const most = Math.sqrt(values[i * size + i]! * values[j * size + j]!);
      beyond = Math.max(beyond, Math.abs(values[i * size + j]!) - most);
    }
  }
  return Math.max(apart, beyond) <= ROUNDING * largest;
}
