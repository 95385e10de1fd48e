import { multiply, symmetricEigen, UserError, type Matrix } from '@dualprior/core';

/** A normal distribution. */
export interface Statistics {
  readonly mean: Float64Array;
  readonly covariance: Matrix;
}

/** A set of vectors, centred: `rows^T rows` is its covariance (over n - 1, as numpy's `cov`). */
interface CentredSet {
  readonly mean: Float64Array;
  /** (n, d). */
  readonly rows: Matrix;
  /** Trace of the covariance. */
  readonly trace: number;
}

/** What the second set of a distance is given by: `factor^T factor` is its covariance. */
export interface Factored {
  readonly mean: Float64Array;
  /** (k, d), k at most d or n. */
  readonly factor: Matrix;
  readonly trace: number;
  /** The centred rows of its vectors in terms of the factor, (n, k); undefined where they are the factor's own rows. */
  readonly coordinates?: Matrix;
  /** Count of its vectors; undefined where only their statistics are known. */
  readonly count: number | undefined;
}

interface FrechetDistance {
  readonly value: number;
  /** By how much the distance grows when vector i of the first set, or of the second, counts for more, to first order; each sums to 0. */
  readonly first: Float64Array;
  /** Undefined where only statistics are known. */
  readonly second: Float64Array | undefined;
}

/** What rounding leaves of a number that is zero, in terms of the largest. */
const ROUNDING = 2 ** -52;

/**
 * The Frechet distance of two normal distributions (Heusel et al. 2017; pytorch-fid:fid_score.py)
 *
 *   |m1 - m2|^2 + tr S1 + tr S2 - 2 tr (S1 S2)^(1/2)
 *
 * exactly, also where covariances are singular: with S1 = A^T A and S2 = F^T F, the trace of the root is the sum of the singular
 * values of A F^T. For fewer vectors than dimensions that is a matrix of vectors by vectors.
 */
export function frechetDistance(first: CentredSet, second: Factored): FrechetDistance {
  const shift = first.mean.map((value, i) => value - second.mean[i]!);
  const product = multiply(first.rows, second.factor, { transposeB: true });
  const { values, left, right } = singular(product);
  const root = values.reduce((sum, value) => sum + value, 0);
  const value = squared(shift) + first.trace + second.trace - 2 * root;
  const coordinates = second.coordinates ? multiply(second.coordinates, right) : right;
  return {
    value,
    first: influence(first.rows, first.rows.rows, shift, 1, left, values),
    second:
      second.count === undefined ? undefined : influence(rowsOf(second), second.count, shift, -1, coordinates, values),
  };
}

/**
 * The derivative of the distance by each vector's weight. That of the root's trace along a centred row r_i is the quadratic form of
 * half the optimal transport map, (1/2) sum_k s_k U_ik^2 in terms of the singular vectors.
 */
function influence(
  rows: Matrix,
  count: number,
  shift: Float64Array,
  sign: number,
  vectors: Matrix,
  singularValues: Float64Array,
): Float64Array {
  const scale = Math.sqrt(count - 1);
  const raw = Float64Array.from({ length: count }, (_, i) => {
    const row = rows.values.subarray(i * rows.columns, (i + 1) * rows.columns);
    const own = vectors.values.subarray(i * vectors.columns, (i + 1) * vectors.columns);
    const root = own.reduce((sum, u, k) => sum + singularValues[k]! * u * u, 0);
    return 2 * sign * scale * dot(shift, row) + count * (squared(row) - root);
  });
  const mean = raw.reduce((sum, value) => sum + value, 0) / count;
  return raw.map((value) => value - mean);
}

/** Singular values above rounding, with the vectors of both sides as columns. */
function singular(matrix: Matrix): { values: Float64Array; left: Matrix; right: Matrix } {
  const isWide = matrix.rows <= matrix.columns;
  const gram = multiply(matrix, matrix, isWide ? { transposeB: true } : { transposeA: true });
  const { values: squares, vectors } = symmetricEigen(gram);
  const kept = above(squares, Math.max(matrix.rows, matrix.columns));
  const values = squares.slice(kept).map(Math.sqrt);
  const one = columnsFrom(vectors, kept);
  const other = scaleColumns(multiply(matrix, one, { transposeA: isWide }), (k) => 1 / values[k]!);
  return isWide ? { values, left: one, right: other } : { values, left: other, right: one };
}

/** Index of the first of ascending eigenvalues that is not rounding alone. */
function above(ascending: Float64Array, size: number): number {
  const least = Math.max(0, ascending.at(-1) ?? 0) * size * ROUNDING;
  const first = ascending.findIndex((value) => value > least);
  return first < 0 ? ascending.length : first;
}

/** Errors: `UserError` for fewer than two vectors. */
export function centre(vectors: Matrix): CentredSet {
  const { rows: count, columns } = vectors;
  if (count < 2)
    throw new UserError(`A covariance needs at least 2 images, but there ${count === 1 ? 'is 1' : 'are none'}.`);
  const mean = new Float64Array(columns);
  vectors.values.forEach((value, i) => (mean[i % columns]! += value / count));
  const scale = 1 / Math.sqrt(count - 1);
  const values = vectors.values.map((value, i) => (value - mean[i % columns]!) * scale);
  return { mean, rows: { rows: count, columns, values }, trace: squared(values) };
}

/** Mean, and covariance over n - 1. */
export function statisticsOf({ mean, rows }: CentredSet): Statistics {
  return { mean, covariance: multiply(rows, rows, { transposeA: true }) };
}

/** The factor is the set itself where it is small, else the root of its covariance. */
export function factorOfSet(set: CentredSet): Factored {
  const { mean, rows, trace } = set;
  if (rows.rows <= rows.columns) return { mean, factor: rows, trace, count: rows.rows };
  const { factor, inverse } = root(statisticsOf(set).covariance);
  return { mean, factor, trace, coordinates: multiply(rows, inverse), count: rows.rows };
}

export function factorOfStatistics({ mean, covariance }: Statistics): Factored {
  const { columns, values } = covariance;
  let trace = 0;
  for (let i = 0; i < columns; i++) trace += values[i * columns + i]!;
  return { mean, factor: root(covariance).factor, trace, count: undefined };
}

/** S = F^T F with F = diag(l)^(1/2) V^T over the eigenvalues above rounding, and the pseudo-inverse of F. */
function root(covariance: Matrix): { factor: Matrix; inverse: Matrix } {
  const { values, vectors } = symmetricEigen(covariance);
  const kept = above(values, covariance.rows);
  const roots = values.slice(kept).map(Math.sqrt);
  const own = columnsFrom(vectors, kept);
  return {
    factor: transposed(scaleColumns(own, (k) => roots[k]!)),
    inverse: scaleColumns(own, (k) => 1 / roots[k]!),
  };
}

/** The centred rows of the set that was factored. */
function rowsOf({ factor, coordinates }: Factored): Matrix {
  return coordinates ? multiply(coordinates, factor) : factor;
}

function columnsFrom({ rows, columns, values }: Matrix, first: number): Matrix {
  const width = columns - first;
  const kept = new Float64Array(rows * width);
  for (let i = 0; i < rows; i++) kept.set(values.subarray(i * columns + first, (i + 1) * columns), i * width);
  return { rows, columns: width, values: kept };
}

function scaleColumns(matrix: Matrix, factor: (column: number) => number): Matrix {
  return { ...matrix, values: matrix.values.map((value, i) => value * factor(i % matrix.columns)) };
}

function transposed({ rows, columns, values }: Matrix): Matrix {
  const result = new Float64Array(values.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) result[j * rows + i] = values[i * columns + j]!;
  return { rows: columns, columns: rows, values: result };
}

function squared(values: Float64Array): number {
  return dot(values, values);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
