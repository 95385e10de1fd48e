import { describe, expect, test } from '@jest/globals';
import { Random, UserError } from '@dualprior/core';
import { CameraShake } from './camera-shake.ts';
import type { Kernel } from './kernels.ts';

const family = new CameraShake({ count: 1000, size: 71, reference: 512 });
const all = (seed: number, side: number, count: number) =>
  Array.from({ length: count }, (_, index) => family.kernel(new Random(seed), index, side));
/** The kernels of seed 1 for images of 512 pixels, which take long. */
const LARGE = all(1, 512, 300);

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
  const kernels = side === 512 ? LARGE.slice(0, 60) : all(1, side, 60);

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
  const supports = LARGE.map(support);
  expect(Math.max(...supports)).toBeGreaterThanOrEqual(70);
  const fifths = [14, 26, 37, 48, 60].map((from, i, edges) => {
    const to = edges[i + 1] ?? 72;
    return supports.filter((value) => value >= from && value < to).length / supports.length;
  });
  for (const share of fifths) expect(share).toBeGreaterThan(0.12);
});

/** How far a trace reaches from the middle of the canvas, its centroid, in terms of its longer side. */
function reach({ size, data }: Kernel): number {
  const middle = (size - 1) / 2;
  const used = [...data.keys()].filter((at) => data[at]! > 1e-6);
  const sides = [used.map((at) => (at % size) - middle), used.map((at) => Math.floor(at / size) - middle)];
  const longer = Math.max(...sides.map((values) => Math.max(...values) - Math.min(...values)));
  return Math.max(...sides.flat().map(Math.abs)) / longer;
}

test('a short trace may lie to one side of its centroid, a long one does not, as it would leave the canvas', () => {
  const reaches = (support: [number, number]) => {
    const some = new CameraShake({ count: 1000, size: 71, reference: 512, support });
    return Array.from({ length: 60 }, (_, index) => reach(some.kernel(new Random(1), index, 512)));
  };
  // half of the trajectories reach further than 0.6; 0.23 is four standard deviations (0.065) less
  expect(reaches([31, 35]).filter((each) => each > 0.6).length).toBeGreaterThan(0.23 * 60);
  expect(Math.max(...reaches([63, 71]))).toBeLessThan(0.6);
});

test('supports lie between the ends that are given, at the size of the image', () => {
  const strong = new CameraShake({ count: 1000, size: 71, reference: 512, support: [63, 71] });
  const supports = (side: number) =>
    Array.from({ length: 100 }, (_, index) => support(strong.kernel(new Random(1), index, side)));
  const at512 = supports(512);
  // A trace whose centroid lies far off its middle is shrunk until it fits: few are.
  expect(at512.filter((value) => value >= 61 && value <= 71).length).toBeGreaterThanOrEqual(90);
  expect(Math.max(...at512)).toBeLessThanOrEqual(71);
  expect(new Set(at512).size).toBeGreaterThan(5);
  expect(supports(64).filter((value) => value >= 7 && value <= 9).length).toBeGreaterThanOrEqual(90);
});

test.each([
  [[71, 63], 'support is [71, 63], but the smaller number comes first: [63, 71]'],
  [[8, 73], 'support is [8, 73], but the canvas has 71 pixels: make `size` larger'],
] as const)('supports of %j are an error', (ends, message) => {
  const options = { count: 1, size: 71, reference: 512, support: [...ends] as [number, number] };
  expect(() => new CameraShake(options)).toThrow(`camera-shake: ${message}.`);
});

test('a fifth of the canvas to all of it is what they are without', () => {
  const same = new CameraShake({ count: 1000, size: 71, reference: 512, support: [0.2 * 71, 71] });
  for (const index of [0, 7]) expect(same.kernel(new Random(1), index, 512)).toEqual(LARGE[index]);
});

test('for a smaller image are the same traces, drawn smaller', () => {
  const small = all(1, 64, 60);
  const tilts = LARGE.slice(0, 60).flatMap((kernel, i) =>
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

/** Kernels of a family of 71 pixels at 512, for images of 64 pixels: computed in Python with NumPy, from the recipe, with the same random numbers. */
const EXPECTED: [seed: number, index: number, rows: number[][]][] = [
  [
    1,
    0,
    [
      [0, 0, 0.00042129, 0.0056273, 0.00048334, 0, 0, 0, 0],
      [0, 0, 0.01180676, 0.12486408, 0.11203969, 0.00212954, 0, 0, 0],
      [0, 0, 0.0319883, 0.06382883, 0.07230783, 0.00148728, 0, 0, 0],
      [0, 0, 0.0399255, 0.01327383, 0, 0, 0, 0, 0],
      [0, 0, 0.02547275, 0.03427439, 0.00015105, 0, 0, 0, 0],
      [0, 0, 0.00304683, 0.05094039, 0.02441886, 0.00011056, 0, 0, 0],
      [0, 0, 0, 0.00882801, 0.06493141, 0.04283439, 0.00226474, 0, 0],
      [0, 0, 0, 0, 0.00702701, 0.07377863, 0.09797777, 0.01655078, 0],
      [0, 0, 0, 0, 0, 0.00170511, 0.0417344, 0.02376933, 0],
    ],
  ],
  [
    7,
    2,
    [
      [0, 0, 0.0192095, 0.04260067, 0.0027967, 0, 0, 0, 0],
      [0, 0, 0.03044127, 0.10390862, 0.04146568, 0, 0, 0, 0],
      [0, 0, 0, 0.00620883, 0.06866523, 0.00719829, 0, 0, 0],
      [0, 0, 0, 0, 0.04670227, 0.04420419, 0, 0, 0],
      [0, 0, 0, 0, 0.02124455, 0.0878644, 0, 0, 0],
      [0, 0, 0, 0, 0.03032122, 0.10339111, 0, 0, 0],
      [0, 0, 0, 0.0021026, 0.10429996, 0.05673016, 0, 0, 0],
      [0, 0, 0, 0.03222411, 0.10601641, 0.00339082, 0, 0, 0],
      [0, 0, 0, 0.01643259, 0.02258082, 0, 0, 0, 0],
    ],
  ],
];

test.each(EXPECTED)('kernel %i/%i has the weights that the recipe gives', (seed, index, rows) => {
  const { size, data } = family.kernel(new Random(seed), index, 64);
  expect(size).toBe(rows.length);
  rows.flat().forEach((weight, at) => expect(Math.abs(data[at]! - weight)).toBeLessThan(1e-8));
});

test.each([
  // side, pixels with a weight, sum of squares, largest weight and its place; with the blur of the sensor of 0.5 and 1 pixel
  [256, 35, 245, 0.0101946764, 0.0247823818, [18, 4]],
  [512, 71, 546, 0.0032974632, 0.0072923576, [38, 7]],
] as const)(
  'a kernel for images of %i pixels has them too, the blur of the sensor included',
  (side, size, used, squares, most, [y, x]) => {
    const { data } = family.kernel(new Random(1), 5, side);
    expect(data.filter((weight) => weight > 0)).toHaveLength(used);
    expect(data.reduce((sum, weight) => sum + weight ** 2, 0)).toBeCloseTo(squares, 10);
    expect(Math.max(...data)).toBeCloseTo(most, 10);
    expect(data.indexOf(Math.max(...data))).toBe(y * size + x);
  },
);
