import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Image } from '../../images/image.ts';
import { drawnExtractor } from '../testing/drawn-extractor.ts';
import { ImageVectors } from './image-vectors.ts';

let vectors: ImageVectors;

beforeAll(() => void loadEngine());

/** The first half of the pixels has one colour, the second another. */
function halves(width: number, height: number, one: readonly number[], other: readonly number[]): Image {
  const half = (width * height) / 2;
  const pixels = Array.from({ length: width * height }, (_, i) => (i < half ? one : other));
  return { width, height, data: Uint8Array.from(pixels.flat()) };
}

/** By the extractor's definition: the means of the colours and of their squares, then the means of the colours. */
function expected(one: readonly number[], other: readonly number[]): number[] {
  const means = one.map((value, c) => (value + other[c]!) / 2 / 255);
  const squares = one.map((value, c) => (value ** 2 + other[c]! ** 2) / 2 / 255 ** 2);
  return [...means, ...squares, ...means];
}

afterEach(() => vectors.dispose());

test('each image has the means of its layers, in the order of the images, whatever their sizes', async () => {
  const before = tf.memory().numTensors;
  vectors = new ImageVectors(drawnExtractor());
  await vectors.prepare();
  const drawn = [
    { width: 4, height: 2, one: [10, 20, 30], other: [50, 60, 70] },
    { width: 2, height: 6, one: [0, 255, 128], other: [255, 0, 64] },
    { width: 4, height: 2, one: [1, 2, 3], other: [1, 2, 3] },
    { width: 2, height: 4, one: [200, 100, 0], other: [100, 200, 50] },
  ];
  const images = drawn.map(({ width, height, one, other }) => halves(width, height, one, other));
  const found = vectors.of(images);
  const wanted = drawn.flatMap(({ one, other }) => expected(one, other));
  expect([...found]).toEqual(wanted.map((value) => expect.closeTo(value, 6) as unknown));
  expect([...vectors.of([])]).toEqual([]);
  vectors.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('a layer of vectors is its part of each row', () => {
  vectors = new ImageVectors(drawnExtractor()); // of 6 and of 3 numbers
  const values = Float32Array.from({ length: 18 }, (_, i) => i);
  const both = { count: 2, length: 9, values };
  const [deep, shallow] = [vectors.layer(both, 0), vectors.layer(both, 1)];
  expect({ ...deep, values: [...deep.values] }).toEqual({
    rows: 2,
    columns: 6,
    values: [0, 1, 2, 3, 4, 5, 9, 10, 11, 12, 13, 14],
  });
  expect({ ...shallow, values: [...shallow.values] }).toEqual({ rows: 2, columns: 3, values: [6, 7, 8, 15, 16, 17] });
});

test('images are resized to the side of the extractor, or to the one that is asked for', async () => {
  const seen: number[][] = [];
  const extractor = drawnExtractor({
    sets: { ...drawnExtractor().sets!, side: 8 },
    taps: (image) => {
      seen.push(image.shape);
      return [tf.concat([image, image], 3), image];
    },
  });
  for (const side of [undefined, 4]) {
    vectors = new ImageVectors(extractor, 'pytorch-fid', side);
    await vectors.prepare();
    vectors.of([halves(4, 2, [9, 9, 9], [9, 9, 9])]);
    vectors.dispose();
  }
  expect(seen.map(([, height, width]) => [height, width])).toEqual([
    [8, 8],
    [4, 4],
  ]);
});
