import { describe, expect, test } from '@jest/globals';
import { Stream } from '../random/stream.ts';
import { loadEngine } from './engine.ts';
import { multiply, symmetricEigen, symmetricEigenvalues, type Matrix } from './linear-algebra.ts';

function normal(rows: number, columns: number): Matrix {
  const stream = new Stream(`${rows}x${columns}`);
  return { rows, columns, values: Float64Array.from({ length: rows * columns }, () => stream.normal()) };
}

const greatest = (a: Matrix, b: Matrix) => Math.max(...a.values.map((value, i) => Math.abs(value - b.values[i]!)));

describe('doubles in TensorFlow', () => {
  test('products, transposed or not, are exact to the last bits of a double', () => {
    const [a, b] = [normal(3, 4), normal(4, 2)];
    const product = multiply(a, b);
    expect([product.rows, product.columns]).toEqual([3, 2]);
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 2; j++) {
        const direct = [0, 1, 2, 3].reduce((sum, k) => sum + a.values[4 * i + k]! * b.values[2 * k + j]!, 0);
        expect(product.values[2 * i + j]).toBeCloseTo(direct, 14);
      }
    }
    const gram = multiply(a, a, { transposeB: true });
    expect(gram.values[1]).toBeCloseTo(gram.values[3]!, 15);
    expect(multiply(b, b, { transposeA: true }).rows).toBe(2);
  });

  test('eigenvalues and vectors make up a symmetric matrix again; a part of a buffer is taken as what it is', () => {
    const x = normal(6, 9);
    const buffer = new Float64Array(37);
    buffer.set(multiply(x, x, { transposeB: true }).values, 1);
    const symmetric: Matrix = { rows: 6, columns: 6, values: buffer.subarray(1) };
    const { values, vectors } = symmetricEigen(symmetric);
    expect([...values]).toEqual([...values].sort((a, b) => a - b));
    const scaled = { ...vectors, values: vectors.values.map((value, i) => value * values[i % 6]!) };
    expect(greatest(multiply(scaled, vectors, { transposeB: true }), symmetric)).toBeLessThan(1e-12);
    expect([...symmetricEigenvalues(symmetric)]).toEqual([...values].map((value) => expect.closeTo(value, 11)));
  });

  test('leave nothing behind', () => {
    const engine = loadEngine();
    const before = engine.tensors();
    symmetricEigen(multiply(normal(3, 5), normal(3, 5), { transposeB: true }));
    expect(engine.tensors()).toBe(before);
  });
});
