import { expect, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { inSquares, padded, startsOf } from './parts.ts';

loadEngine();

const image = (height: number, width: number) =>
  tf.tensor4d(
    Float32Array.from({ length: 3 * height * width }, (_, i) => i),
    [1, height, width, 3],
  );

/** By `grids` of HINet's basicsr/models/image_restoration_model.py, with `crop_size: 256`. */
test.each([
  [256, [0]],
  [720, [0, 232, 464]],
  [1280, [0, 256, 512, 768, 1024]],
  [700, [0, 222, 444]],
  [300, [0, 44]],
])("squares of 256 along a side of %i begin where the official code's do", (length, starts) => {
  expect(startsOf(length, 256)).toEqual(starts);
});

test('an image in squares is put together again, with the mean where they overlap', async () => {
  let calls = 0;
  const sizes = new Set<string>();
  const restored = inSquares(image(20, 30), 16, (part) => {
    sizes.add(part.shape.join('x'));
    return tf.add(part, calls++) as Tensor4D; // each square is lighter by its number
  });
  expect([calls, [...sizes]]).toEqual([4, ['1x16x16x3']]);
  const lighter = tf.sub(restored, image(20, 30)).dataSync();
  const at = (y: number, x: number) => lighter[3 * (30 * y + x)]!;
  expect([at(0, 0), at(0, 29), at(19, 0), at(19, 29)]).toEqual([0, 1, 2, 3]);
  expect([at(0, 15), at(10, 0), at(10, 15)]).toEqual([0.5, 1, 1.5]);
});

test('an image is padded with black to a multiple, and cropped again', () => {
  const shapes: number[][] = [];
  const black: number[] = [];
  const restored = padded(image(5, 8), 4, (part) => {
    shapes.push(part.shape);
    black.push(tf.sum(tf.slice(part, [0, 5, 0, 0], [1, 3, 8, 3])).dataSync()[0]!);
    return part;
  });
  expect(shapes).toEqual([[1, 8, 8, 3]]);
  expect(black).toEqual([0]);
  expect([...restored.dataSync()]).toEqual([...image(5, 8).dataSync()]);
});
