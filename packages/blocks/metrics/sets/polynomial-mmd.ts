import { createHash } from 'node:crypto';
import { multiply, UserError, type Matrix } from '@dualprior/core';
import type { SetValue } from '../metric.ts';

type MmdEstimator = 'u-statistic' | 'unbiased';

/** Rows of a kernel matrix that are made at a time. */
const BLOCK = 1024;

/**
 * The squared maximum mean discrepancy of two sets of n vectors of d numbers with the kernel (x.y / d + 1)^3 of the kernel inception distance
 * (Binkowski et al. 2018), without bias. `u-statistic` (Gretton et al. 2012, lemma 6) leaves out the kernel of x_i and y_i, which is
 * right where they are two forms of one image; `unbiased`, as usual for independent sets, counts it. Rows of y that are equal are one image
 * that is there several times: their pairs are left out as those of a row with itself are. Contributions are the jackknife's
 * pseudo-values. Errors: `UserError` for fewer than two different vectors in y.
 * @param ownY `kernelSums(y, y, equalRows(y))`, where it is known
 */
export function polynomialMmd(
  x: Matrix,
  y: Matrix,
  estimator: MmdEstimator,
  same: RowGroups = equalRows(y),
  ownY: KernelSums = kernelSums(y, y, same),
): SetValue {
  const n = x.rows;
  const others = Array.from(same.of, (group) => n - same.sizes[group]!);
  const pairs = others.reduce((sum, count) => sum + count, 0);
  if (pairs === 0) {
    const found = n === 0 ? 'there are none' : n === 1 ? 'there is 1' : `all ${n} are one`;
    throw new UserError(`KID needs at least 2 images, but ${found}.`);
  }
  const [ownX, across] = [kernelSums(x, x, same), kernelSums(x, y, same)];
  // sum over the others j of h(i, j) = k(x_i, x_j) + k(y_i, y_j) - k(x_i, y_j) - k(x_j, y_i)
  const sums = Float64Array.from(
    { length: n },
    (_, i) => ownX.rows[i]! + ownY.rows[i]! - across.rows[i]! - across.columns[i]!,
  );
  const statistic = total(sums) / pairs;
  const value =
    estimator === 'u-statistic'
      ? statistic
      : (total(ownX.rows) + total(ownY.rows)) / pairs - (2 * (total(across.rows) + across.same)) / n ** 2;
  // n U - (n - 1) U_(-i), where U_(-i) = (pairs U - 2 sum_i) / (pairs - 2 others_i)
  const pseudo = (sum: number, i: number) => {
    const left = pairs - 2 * others[i]!;
    return left > 0 ? n * statistic - ((n - 1) * (pairs * statistic - 2 * sum)) / left : statistic;
  };
  return { value, contributions: sums.map((sum, i) => pseudo(sum, i) - statistic + value) };
}

/** Which rows of a matrix are equal. */
export interface RowGroups {
  /** The group of each row. */
  readonly of: Int32Array;
  readonly sizes: readonly number[];
}

export function equalRows({ rows, columns, values }: Matrix): RowGroups {
  const groups = new Map<string, number>();
  const sizes: number[] = [];
  const of = Int32Array.from({ length: rows }, (_, i) => {
    const row = values.subarray(i * columns, (i + 1) * columns);
    const key = createHash('sha256').update(row).digest('hex');
    const group = groups.get(key) ?? groups.size;
    groups.set(key, group);
    sizes[group] = (sizes[group] ?? 0) + 1;
    return group;
  });
  return { of, sizes };
}

/** Sums of the matrix k(x_i, y_j) without the places where i and j are of one group. */
export interface KernelSums {
  /** Over j. */
  readonly rows: Float64Array;
  /** Over i. */
  readonly columns: Float64Array;
  /** Over the places that are left out. */
  readonly same: number;
}

export function kernelSums(x: Matrix, y: Matrix, { of }: RowGroups): KernelSums {
  const [rows, columns] = [new Float64Array(x.rows), new Float64Array(y.rows)];
  let same = 0;
  for (let start = 0; start < x.rows; start += BLOCK) {
    const count = Math.min(BLOCK, x.rows - start);
    const block = x.values.subarray(start * x.columns, (start + count) * x.columns);
    const products = multiply({ rows: count, columns: x.columns, values: block }, y, { transposeB: true });
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < y.rows; j++) {
        const kernel = (products.values[i * y.rows + j]! / x.columns + 1) ** 3;
        if (of[start + i] === of[j]) {
          same += kernel;
        } else {
          rows[start + i]! += kernel;
          columns[j]! += kernel;
        }
      }
    }
  }
  return { rows, columns, same };
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
