import { multiply, UserError, type Matrix } from '@dualprior/core';
import type { SetValue } from '../metric.ts';

export type MmdEstimator = 'u-statistic' | 'unbiased';

/** Rows of a kernel matrix that are made at a time. */
const BLOCK = 1024;

/**
 * The squared maximum mean discrepancy of two sets of n vectors of d numbers with the kernel (x.y / d + 1)^3 of the kernel inception distance
 * (Binkowski et al. 2018), without bias. `u-statistic` (Gretton et al. 2012, lemma 6) leaves out the kernel of x_i and y_i, which is
 * right where they are two forms of one image; `unbiased`, as usual for independent sets, counts it. Contributions are the
 * jackknife's pseudo-values. Errors: `UserError` for fewer than two vectors.
 * @param ownY `kernelSums(y, y)`, where it is known
 */
export function polynomialMmd(
  x: Matrix,
  y: Matrix,
  estimator: MmdEstimator,
  ownY: KernelSums = kernelSums(y, y),
): SetValue {
  const n = x.rows;
  if (n < 2) throw new UserError(`KID needs at least 2 images, but there ${n === 1 ? 'is 1' : 'are none'}.`);
  const [ownX, across] = [kernelSums(x, x), kernelSums(x, y)];
  // sum over j != i of h(i, j) = k(x_i, x_j) + k(y_i, y_j) - k(x_i, y_j) - k(x_j, y_i)
  const sums = Float64Array.from({ length: n }, (_, i) => {
    const within = ownX.rows[i]! - ownX.diagonal[i]! + ownY.rows[i]! - ownY.diagonal[i]!;
    return within - across.rows[i]! - across.columns[i]! + 2 * across.diagonal[i]!;
  });
  const pairs = n * (n - 1);
  const statistic = total(sums) / pairs;
  const value =
    estimator === 'u-statistic'
      ? statistic
      : (total(ownX.rows) - total(ownX.diagonal) + total(ownY.rows) - total(ownY.diagonal)) / pairs -
        (2 * total(across.rows)) / n ** 2;
  // n U - (n - 1) U_(-i), where U_(-i) = (n (n - 1) U - 2 sum_i) / ((n - 1) (n - 2))
  const pseudo = (sum: number) => (n > 2 ? n * statistic - (pairs * statistic - 2 * sum) / (n - 2) : statistic);
  return { value, contributions: sums.map((sum) => pseudo(sum) - statistic + value) };
}

/** Sums of the matrix k(x_i, y_j). */
export interface KernelSums {
  /** Over j. */
  readonly rows: Float64Array;
  /** Over i. */
  readonly columns: Float64Array;
  /** k(x_i, y_i). */
  readonly diagonal: Float64Array;
}

export function kernelSums(x: Matrix, y: Matrix): KernelSums {
  const sums = {
    rows: new Float64Array(x.rows),
    columns: new Float64Array(y.rows),
    diagonal: new Float64Array(x.rows),
  };
  for (let start = 0; start < x.rows; start += BLOCK) {
    const rows = Math.min(BLOCK, x.rows - start);
    const block = x.values.subarray(start * x.columns, (start + rows) * x.columns);
    const products = multiply({ rows, columns: x.columns, values: block }, y, { transposeB: true });
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < y.rows; j++) {
        const kernel = (products.values[i * y.rows + j]! / x.columns + 1) ** 3;
        sums.rows[start + i]! += kernel;
        sums.columns[j]! += kernel;
        if (start + i === j) sums.diagonal[j] = kernel;
      }
    }
  }
  return sums;
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
