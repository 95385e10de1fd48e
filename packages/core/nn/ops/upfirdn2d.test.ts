import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { loadEngine, type Engine } from '../../engine/engine.ts';
import { randomTensor } from '../../testing/gradient-check.ts';
import { testOwnOperation } from '../../testing/own-operation.ts';
import { UPFIRDN2D, upfirdn2d, type Resampling } from './upfirdn2d.ts';

let engine: Engine;

beforeAll(() => {
  engine = loadEngine();
});

interface Case extends Resampling {
  readonly name: string;
  readonly image: Tensor4D['shape'];
  readonly kernel: Tensor2D['shape'];
  /** Whether the kernel is one of rows times one of columns. */
  readonly isProduct?: boolean;
}

// Channels and rows that no vector register divides, and enough for several threads.
const CASES: Case[] = [
  { name: 'one pixel', image: [1, 1, 1, 1], kernel: [1, 1], pad: [0, 0] },
  { name: 'a blur', image: [2, 33, 16, 48], kernel: [4, 4], isProduct: true, pad: [2, 1] },
  { name: 'a blur by any filter', image: [2, 17, 18, 35], kernel: [4, 4], pad: [2, 1] },
  { name: 'a blur of three channels', image: [2, 9, 7, 3], kernel: [4, 4], pad: [1, 1] },
  { name: 'up', image: [2, 5, 7, 20], kernel: [4, 4], up: 2, pad: [2, 1] },
  { name: 'up, of an image', image: [2, 16, 17, 3], kernel: [4, 4], isProduct: true, up: 2, pad: [2, 1] },
  { name: 'down', image: [3, 9, 12, 67], kernel: [4, 4], isProduct: true, down: 2, pad: [1, 1] },
  { name: 'up and down', image: [2, 5, 6, 16], kernel: [3, 4], isProduct: true, up: 2, down: 2, pad: [1, 2] },
  { name: 'up by 2, down by 3, cropped', image: [2, 7, 6, 5], kernel: [3, 4], up: 2, down: 3, pad: [-1, 2] },
  { name: 'up by 3, cropped on both sides', image: [1, 6, 5, 17], kernel: [2, 5], up: 3, pad: [-2, -1] },
  { name: 'more zeros than the filter reaches', image: [2, 3, 4, 2], kernel: [2, 3], pad: [4, 5] },
];

/** Small integers over 64, so that products of them are exact, with a zero first. */
function product([height, width]: Tensor2D['shape']): Tensor2D {
  const [rows, columns] = [tf.sub(tf.range(0, height), 1), tf.range(0, width)];
  return tf.div(tf.matMul(tf.reshape(rows, [-1, 1]), tf.reshape(columns, [1, -1])), 64);
}

describe.each(CASES)('$name', ({ image, kernel, isProduct, ...resampling }) => {
  testOwnOperation(
    (x: Tensor4D, filter: Tensor2D) => upfirdn2d(x, filter, resampling),
    () => [randomTensor(image, 1) as Tensor4D, isProduct ? product(kernel) : (randomTensor(kernel, 2) as Tensor2D)],
  );
});

test('a filter of zeros gives zeros', () => {
  tf.tidy(() => {
    const y = upfirdn2d(randomTensor([1, 3, 3, 2]) as Tensor4D, tf.zeros([2, 2]), { pad: [1, 0] });
    expect(y.dataSync()).toEqual(new Float32Array(18));
  });
});

test('what is no image and no filter is an error, not a crash', () => {
  tf.tidy(() => {
    const x = tf.ones<tf.Rank.R4>([1, 2, 2, 1]);
    const kernel = tf.ones<tf.Rank.R2>([4, 4]);
    for (const resampling of [{ pad: [0, 0] }, { pad: [1, 0] }, { pad: [0, 1], down: 2 }] as const) {
      expect(() => upfirdn2d(x, kernel, resampling)).toThrow(/larger than the padded image/);
    }
    expect(() => upfirdn2d(x, tf.ones([2, 2, 1]) as Tensor as Tensor2D, { pad: [2, 2] })).toThrow(
      /kernel has the shape \[2, 2, 1\], but must have rank 2/,
    );
    expect(() => upfirdn2d(x, kernel, { up: 0, pad: [2, 2] })).toThrow(/factors of a resampling must be 1 or more/);
  });
});

test('the gradient of a filtering takes one operation for the image', () => {
  tf.tidy(() => {
    const [x, kernel] = [randomTensor([1, 4, 4, 2]), randomTensor([4, 4])] as [Tensor4D, Tensor2D];
    const step = engine.compile((image: Tensor4D, filter: Tensor2D) =>
      tf.grad((y) => upfirdn2d(y as Tensor4D, filter, { up: 2, pad: [2, 1] }))(image),
    );
    step.run(x, kernel);
    const types = engine.profile(() => step.run(x, kernel)).map(({ type }) => type);
    expect(types.filter((type) => type === UPFIRDN2D)).toHaveLength(1);
    expect(types.filter((type) => /Depthwise|Pad|Reverse/.test(type))).toEqual([]);
    step.dispose();
  });
});
