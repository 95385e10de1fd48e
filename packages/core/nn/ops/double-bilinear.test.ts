import { beforeAll, expect, test } from '@jest/globals';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { loadEngine } from '../../engine/engine.ts';
import { gradientError, randomTensor } from '../../testing/gradient-check.ts';
import { doubleBilinear } from './double-bilinear.ts';
import { resizeBilinear } from './resize-bilinear.ts';

beforeAll(() => {
  loadEngine();
});

test.each([
  [1, 1],
  [1, 4],
  [3, 2],
  [5, 8],
])('doubling an image of %ix%i interpolates with half-pixel centres', (height, width) => {
  const x = randomTensor([2, height, width, 3]) as Tensor4D;
  const doubled = doubleBilinear(x);
  const expected = resizeBilinear(x, 2 * height, 2 * width);
  expect(doubled.shape).toEqual(expected.shape);
  const [ours, theirs] = [doubled, expected].map((image) => [...image.dataSync()]);
  ours!.forEach((value, i) => expect(value).toBeCloseTo(theirs![i]!, 5));
});

test('its gradient is right', () => {
  const x = randomTensor([1, 3, 4, 2]);
  expect(gradientError((image: Tensor) => doubleBilinear(image as Tensor4D), [x])).toBeLessThan(1e-3);
});
