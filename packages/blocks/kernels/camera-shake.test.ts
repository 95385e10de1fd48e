import { describe, expect, test } from '@jest/globals';
import { Random, UserError } from '@dualprior/core';
import { CameraShake } from './camera-shake.ts';
import type { Kernel } from './kernels.ts';

const family = new CameraShake({ count: 1000, size: 71, reference: 512 });
const all = (seed: number, side: number, count = 300) =>
  Array.from({ length: count }, (_, index) => family.kernel(new Random(seed), index, side));

function moments({ size, data }: Kernel) {
  const middle = (size - 1) / 2;
  let [sum, x, y] = [0, 0, 0];
  data.forEach((weight, at) => {
    sum += weight;
    x += weight * ((at % size) - middle);
    y += weight * (Math.floor(at / size) - middle);
  });
  return { sum, x, y };
}

function support({ size, data }: Kernel): number {
  const used = [...data.keys()].filter((at) => data[at]! > 0);
  const span = (values: number[]) => Math.max(...values) - Math.min(...values) + 1;
  return Math.max(span(used.map((at) => at % size)), span(used.map((at) => Math.floor(at / size))));
}

/** Correlation of x and y: the direction of the trace. */
function tilt({ size, data }: Kernel): number {
  const middle = (size - 1) / 2;
  let [xx, yy, xy] = [0, 0, 0];
  data.forEach((weight, at) => {
    const [x, y] = [(at % size) - middle, Math.floor(at / size) - middle];
    xx += weight * x * x;
    yy += weight * y * y;
    xy += weight * x * y;
  });
  return xy / Math.sqrt(xx * yy);
}

describe.each([
  [512, 71],
  [256, 35],
  [64, 9],
  [16, 3],
  [4, 1],
])('for images of %i pixels', (side, canvas) => {
  const kernels = all(1, side, 60);

  test(`are ${canvas} pixels wide, sum to 1, have their centroid in the middle`, () => {
    for (const kernel of kernels) {
      expect(kernel.size).toBe(canvas);
      const { sum, x, y } = moments(kernel);
      expect(sum).toBeCloseTo(1, 12);
      expect(Math.hypot(x, y)).toBeLessThan(0.05);
      expect(Math.min(...kernel.data)).toBeGreaterThanOrEqual(0);
    }
  });
});

test('supports are spread evenly over the canvas, up to all of it', () => {
  const supports = all(1, 512).map(support);
  expect(Math.max(...supports)).toBeGreaterThanOrEqual(70);
  const fifths = [14, 26, 37, 48, 60].map((from, i, edges) => {
    const to = edges[i + 1] ?? 72;
    return supports.filter((value) => value >= from && value < to).length / supports.length;
  });
  for (const share of fifths) expect(share).toBeGreaterThan(0.12);
});

test('for a smaller image are the same traces, drawn smaller', () => {
  const small = all(1, 64, 60);
  const tilts = all(1, 512, 60).flatMap((kernel, i) =>
    support(kernel) < 36 ? [] : [[tilt(kernel), tilt(small[i]!)] as const],
  );
  expect(tilts.length).toBeGreaterThan(20);
  for (const [large, drawnSmaller] of tilts) expect(Math.abs(large - drawnSmaller)).toBeLessThan(0.4);
});

test('are a function of the seed and the index; seeds share none', () => {
  const key = ({ data }: Kernel) => [...data].map((weight) => weight.toFixed(6)).join();
  const [first, again, other] = [all(1, 128, 50), all(1, 128, 50), all(2, 128, 50)].map((kernels) => kernels.map(key));
  expect(again).toEqual(first);
  expect(new Set([...first!, ...other!]).size).toBe(100);
});

test('an even canvas is refused', () => {
  expect(() => new CameraShake({ count: 1, size: 70, reference: 512 })).toThrow(UserError);
});
