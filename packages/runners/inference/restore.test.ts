import { beforeAll, expect, test } from '@jest/globals';
import { EagerStep, loadEngine } from '@dualprior/core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { restoreImages } from './restore.ts';

beforeAll(() => void loadEngine());

test('images of different sizes come back in their order, those of equal size through one call', () => {
  const image = (width: number, height: number, value: number) => ({
    width,
    height,
    data: new Uint8Array(width * height * 3).fill(value),
  });
  const images = [image(2, 3, 10), image(3, 2, 20), image(2, 3, 30)];
  const shapes: number[][] = [];
  const step = new EagerStep((batch: Tensor4D) => {
    shapes.push(batch.shape);
    return batch.clone();
  });
  const restored = restoreImages(images, step);
  expect(restored).toEqual(images);
  expect(shapes).toEqual([
    [2, 3, 2, 3],
    [1, 2, 3, 3],
  ]);
});
