import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { loadEngine } from '../engine/engine.ts';
import { Random } from '../random/random.ts';
import { Stream } from '../random/stream.ts';
import { kaimingUniform, leakyReluGain, orthogonal } from './initializers.ts';
import { Conv2d, DepthwiseConv2d } from './layers/conv2d.ts';
import { pixelShuffle, pixelUnshuffle } from './ops/pixel-shuffle.ts';
import { Parameters } from './parameters.ts';

beforeAll(() => {
  loadEngine();
});

/** PyTorch's convolution of one channel, written out: zeros around, result of size floor((n + 2 p - k) / s) + 1. */
function convolve(image: number[][], kernel: number[][], stride: number, padding: number): number[][] {
  const size = (length: number, k: number) => Math.floor((length + 2 * padding - k) / stride) + 1;
  const at = (y: number, x: number) => image[y]?.[x] ?? 0;
  const rows = Array.from({ length: size(image.length, kernel.length) }, (_, y) => y);
  const columns = Array.from({ length: size(image[0]!.length, kernel[0]!.length) }, (_, x) => x);
  const value = (y: number, x: number) =>
    kernel.flatMap((line, dy) => line.map((w, dx) => w * at(y * stride + dy - padding, x * stride + dx - padding)));
  return rows.map((y) => columns.map((x) => value(y, x).reduce((sum, term) => sum + term, 0)));
}

describe('a convolution', () => {
  const cases = [
    [3, 1, 1],
    [3, 2, 1],
    [4, 2, 1],
    [2, 2, 0],
    [1, 1, 0],
    [5, 3, 2],
    [4, 1, 2],
  ];
  test.each(
    cases.flatMap(([k, s, p]) => [
      [k, s, p, 7, 6],
      [k, s, p, 8, 8],
    ]),
  )('with kernel %i, stride %i, padding %i of %ix%i is that of PyTorch', (kernel, stride, padding, height, width) => {
    for (const layer of [
      new Conv2d(1, 1, { kernel: kernel!, stride: stride!, padding: padding!, bias: false }),
      new DepthwiseConv2d(1, { kernel: kernel!, stride: stride!, padding: padding!, bias: false }),
    ]) {
      const parameters = new Parameters(layer, new Random(3));
      const image = Array.from({ length: height! }, (_, y) =>
        Array.from({ length: width! }, (_, x) => Math.sin(y * 7 + x)),
      );
      const weights = [...parameters.stateDict().get('weight')!.values];
      const rows = Array.from({ length: kernel! }, (_, y) => weights.slice(y * kernel!, (y + 1) * kernel!));
      const input = tf.tensor4d(image.flat(), [1, height!, width!, 1]);
      const output = parameters.use(() => layer.forward(input));
      const expected = convolve(image, rows, stride!, padding!);
      expect(output.shape).toEqual([1, expected.length, expected[0]!.length, 1]);
      const difference = tf.max(tf.abs(tf.sub(output, tf.reshape(tf.tensor2d(expected), output.shape))));
      expect(difference.dataSync()[0]).toBeLessThan(1e-5);
    }
  });
});

test('a pixel shuffle puts channel c r r + dy r + dx at (dy, dx) of channel c', () => {
  const x = tf.tensor4d(
    Array.from({ length: 8 }, (_, i) => i),
    [1, 1, 1, 8],
  );
  const y = pixelShuffle(x as Tensor4D, 2);
  expect(y.shape).toEqual([1, 2, 2, 2]);
  expect(y.arraySync()).toEqual([
    [
      [
        [0, 4],
        [1, 5],
      ],
      [
        [2, 6],
        [3, 7],
      ],
    ],
  ]);
});

test('a pixel unshuffle puts (dy, dx) of channel c at channel c r r + dy r + dx', () => {
  const [width, channels] = [6, 2];
  const x = tf.tensor4d(
    Array.from({ length: 4 * width * channels }, (_, i) => i),
    [1, 4, width, channels],
  );
  const y = pixelUnshuffle(x, 2);
  expect(y.shape).toEqual([1, 2, 3, 8]);
  const at = (row: number, column: number, channel: number) => (row * width + column) * channels + channel;
  const expected = [0, 1].flatMap((row) =>
    [0, 1, 2].flatMap((column) =>
      [0, 1].flatMap((c) => [0, 1].flatMap((dy) => [0, 1].map((dx) => at(2 * row + dy, 2 * column + dx, c)))),
    ),
  );
  expect([...y.dataSync()]).toEqual(expected);
});

describe('initial weights', () => {
  test.each([[[4, 3, 2, 2]], [[20, 2, 3, 3]], [[5, 5, 1, 1]], [[130, 130, 1, 1]], [[140, 8, 3, 3]]])(
    '%p that are orthogonal are so up to the gain',
    (shape) => {
      const gain = leakyReluGain(0.2);
      const rows = shape[0]!;
      const columns = shape[1]! * shape[2]! * shape[3]!;
      const values = orthogonal(gain)(shape, new Stream('orthogonal'));
      const at = (r: number, c: number) => values[r * columns + c]!;
      const [count, length, entry] =
        rows < columns ? [rows, columns, at] : [columns, rows, (i: number, k: number) => at(k, i)];
      for (let i = 0; i < count; i++) {
        for (let j = 0; j <= i; j++) {
          let product = 0;
          for (let k = 0; k < length; k++) product += entry(i, k) * entry(j, k);
          expect(product).toBeCloseTo(i === j ? gain ** 2 : 0, 5);
        }
      }
    },
  );

  test('by PyTorch default are uniform with bound 1 / sqrt(fan in)', () => {
    const values = kaimingUniform()([64, 16, 3, 3], new Stream('kaiming'));
    const bound = 1 / Math.sqrt(16 * 9);
    expect(Math.max(...values)).toBeLessThanOrEqual(bound);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-bound);
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
    expect(deviation).toBeCloseTo(bound / Math.sqrt(3), 3);
  });
});
