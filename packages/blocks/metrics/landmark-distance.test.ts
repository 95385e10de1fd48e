import { expect, test } from '@jest/globals';
import type { Image } from '../images/image.ts';
import { LandmarkDistanceMetric, meanDistance } from './landmark-distance.ts';

const grey = (width: number, height: number): Image => ({
  width,
  height,
  data: new Uint8Array(3 * width * height).fill(128),
});

test('is the mean distance of points', () => {
  const points = [
    { x: 1, y: 2 },
    { x: 5, y: 5 },
  ];
  const moved = [
    { x: 4, y: 6 },
    { x: 5, y: 4 },
  ];
  expect(meanDistance(points, moved)).toBe((5 + 1) / 2);
});

test('is infinite where there is no face; images of different sizes are an error', async () => {
  const metric = new LandmarkDistanceMetric();
  await metric.prepare();
  expect(await metric.measure(grey(96, 96), grey(96, 96))).toEqual([Infinity]);
  await expect(metric.measure(grey(96, 96), grey(96, 80))).rejects.toThrow(/96x96/);
  metric.dispose();
});
