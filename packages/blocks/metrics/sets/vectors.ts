import type { Matrix } from '@dualprior/core';

/** Vectors of images: one row per image, float32 as the extractor made them. */
export interface Vectors {
  readonly count: number;
  /** Numbers in a row. */
  readonly length: number;
  readonly values: Float32Array;
}

/** Columns `from` to `from + columns` as doubles. */
export function columnsOf({ count, length, values }: Vectors, from: number, columns: number): Matrix {
  const part = new Float64Array(count * columns);
  for (let i = 0; i < count; i++) {
    part.set(values.subarray(i * length + from, i * length + from + columns), i * columns);
  }
  return { rows: count, columns, values: part };
}
