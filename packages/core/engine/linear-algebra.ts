import * as tf from '@tensorflow/tfjs-core';
import type { OpAttribute } from './compile/graph.ts';
import { loadEngine } from './engine.ts';

/** A matrix of doubles, row by row. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

/** A = V diag(values) V^T. */
interface SymmetricEigen {
  /** Ascending. */
  readonly values: Float64Array;
  /** V: column k belongs to value k. */
  readonly vectors: Matrix;
}

/** `DT_DOUBLE` of TensorFlow's types.proto; tfjs knows no such tensors. */
const DOUBLE = 2;

interface Metadata {
  readonly id: number;
  readonly shape: readonly number[];
}

interface Binding {
  readonly TF_INT32: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_BOOL: number;
  createTensor(shape: number[], dtype: number, values: Int32Array): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Int32Array;
  executeOp(name: string, attributes: readonly OpAttribute[], inputs: readonly number[], outputs: number): Metadata[];
}

/** a b, each transposed first where that is asked for: TensorFlow's MatMul in doubles. */
export function multiply(
  a: Matrix,
  b: Matrix,
  { transposeA = false, transposeB = false }: { readonly transposeA?: boolean; readonly transposeB?: boolean } = {},
): Matrix {
  const [product] = execute('MatMul', [a, b], 1, { transpose_a: transposeA, transpose_b: transposeB });
  return product!;
}

/** Eigenvalues, ascending, and eigenvectors of a symmetric matrix: TensorFlow's SelfAdjointEigV2 (Eigen's solver; Golub and Van Loan). */
export function symmetricEigen(matrix: Matrix): SymmetricEigen {
  const [values, vectors] = execute('SelfAdjointEigV2', [matrix], 2, { compute_v: true });
  return { values: values!.values, vectors: vectors! };
}

/** Eigenvalues of a symmetric matrix, ascending. */
export function symmetricEigenvalues(matrix: Matrix): Float64Array {
  return execute('SelfAdjointEigV2', [matrix], 2, { compute_v: false })[0]!.values;
}

/** Runs one operation of TensorFlow on doubles, which go to and fro as pairs of 32-bit integers (Bitcast). */
function execute(
  name: string,
  inputs: readonly Matrix[],
  outputs: number,
  flags: Readonly<Record<string, boolean>>,
): Matrix[] {
  loadEngine();
  const { binding } = tf.backend() as unknown as { readonly binding: Binding };
  const { TF_INT32, TF_ATTR_TYPE, TF_ATTR_BOOL } = binding;
  const type = (key: string, value: number): OpAttribute => ({ name: key, type: TF_ATTR_TYPE, value });
  const made: number[] = [];
  const run = (op: string, attributes: readonly OpAttribute[], ids: readonly number[], count: number): Metadata[] => {
    const results = binding.executeOp(op, attributes, ids, count);
    made.push(...results.map(({ id }) => id));
    return results;
  };
  try {
    const doubles = inputs.map(({ rows, columns, values }) => {
      const words = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
      const pairs = binding.createTensor([rows, columns, 2], TF_INT32, words);
      made.push(pairs);
      return run('Bitcast', [type('T', TF_INT32), type('type', DOUBLE)], [pairs], 1)[0]!.id;
    });
    const attributes = Object.entries(flags).map(([key, value]) => ({ name: key, type: TF_ATTR_BOOL, value }));
    return run(name, [type('T', DOUBLE), ...attributes], doubles, outputs).map(({ id, shape }) => {
      const pairs = run('Bitcast', [type('T', DOUBLE), type('type', TF_INT32)], [id], 1)[0]!.id;
      const words = binding.tensorDataSync(pairs);
      const [rows = 1, columns = 1] = shape;
      return { rows, columns, values: new Float64Array(words.slice().buffer) };
    });
  } finally {
    made.forEach((id) => binding.deleteTensor(id));
  }
}
