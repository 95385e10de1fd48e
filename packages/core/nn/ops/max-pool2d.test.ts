import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { loadEngine } from '../../engine/engine.ts';
import { maxPool2d, pooledSide, type MaxPoolGeometry } from './max-pool2d.ts';

beforeAll(() => {
  loadEngine();
});

/** PyTorch's output size: a last window must begin inside the image or its padding in front. */
function pytorchSide(length: number, { kernel, stride, padding = 0, ceil = false }: MaxPoolGeometry): number {
  const windows = (length + 2 * padding - kernel) / stride;
  const side = (ceil ? Math.ceil(windows) : Math.floor(windows)) + 1;
  return ceil && (side - 1) * stride >= length + padding ? side - 1 : side;
}

/** The maximum of each window, by its definition; rows of one channel. */
function reference(rows: number[][], geometry: MaxPoolGeometry): number[][] {
  const { kernel, stride, padding = 0 } = geometry;
  const [height, width] = [rows.length, rows[0]!.length].map((length) => pytorchSide(length, geometry));
  const inWindow = (top: number, left: number) =>
    rows.flatMap((row, y) => row.filter((_, x) => y >= top && y < top + kernel && x >= left && x < left + kernel));
  return Array.from({ length: height! }, (_, i) =>
    Array.from({ length: width! }, (_, j) => Math.max(...inWindow(i * stride - padding, j * stride - padding))),
  );
}

const geometries = fc
  .record({ kernel: fc.integer({ min: 2, max: 3 }), stride: fc.integer({ min: 1, max: 3 }), ceil: fc.boolean() })
  .chain((geometry) =>
    fc.record({ padding: fc.integer({ min: 0, max: 1 }) }).map((rest) => ({ ...geometry, ...rest })),
  );

describe('max pooling', () => {
  test('is that of PyTorch, with padding and with windows over the border', () => {
    fc.assert(
      fc.property(
        geometries,
        fc.integer({ min: 3, max: 8 }),
        fc.integer({ min: 3, max: 8 }),
        fc.integer({ min: 0, max: 1000 }),
        (geometry, height, width, seed) => {
          tf.tidy(() => {
            const x = tf.sub(tf.randomUniform([1, height, width, 1], 0, 1, 'float32', seed), 2) as Tensor4D;
            const rows = tf.reshape(x, [height, width]).arraySync() as number[][];
            const pooled = maxPool2d(x, geometry);
            expect(pooled.shape.slice(1, 3)).toEqual([height, width].map((side) => pooledSide(side, geometry)));
            expect(tf.squeeze(pooled, [0, 3]).arraySync()).toEqual(reference(rows, geometry));
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  test('gives the gradient to one of equal numbers, as PyTorch does', () => {
    const slope = tf.tidy(() =>
      tf
        .grad((x: Tensor) => maxPool2d(x as Tensor4D, { kernel: 2, stride: 2 }))(tf.ones([1, 4, 4, 1]))
        .dataSync(),
    );
    expect([...slope]).toEqual([1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0]);
  });

  test('has no window where the image is smaller', () => {
    expect(pooledSide(2, { kernel: 3, stride: 2 })).toBeLessThan(1);
    expect(pooledSide(2, { kernel: 3, stride: 2, ceil: true })).toBeLessThan(1);
  });
});
