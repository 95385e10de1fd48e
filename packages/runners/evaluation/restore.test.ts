import { beforeAll, expect, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
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
  const restored = restoreImages(images, (batch) => {
    shapes.push(batch.shape);
    return batch.clone();
  });
  expect(restored).toEqual(images);
  expect(shapes).toEqual([
    [2, 3, 2, 3],
    [1, 2, 3, 3],
  ]);
});
