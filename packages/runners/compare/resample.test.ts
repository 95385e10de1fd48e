import { describe, expect, test } from '@jest/globals';
import { Random } from '@dualprior/core';
import { pairedDifference, type Trainings } from './resample.ts';

const names = (count: number) => Array.from({ length: count }, (_, i) => `${i}.png`);

/** Normal numbers by Box and Muller (1958). */
function normal(path: string): () => number {
  const stream = new Random(7).stream(path);
  const uniform = () => (stream.uint32() + 0.5) / 2 ** 32;
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

const zeros = (seeds: number[], count: number): Trainings => ({
  seeds,
  values: seeds.map(() => new Array<number>(count).fill(0)),
});

function halfWidth([low, high]: readonly [number, number]): number {
  return (high - low) / 2;
}

describe('with one seed', () => {
  test('the value is the mean difference, the interval that of a mean: 1.96 standard errors to each side', () => {
    const draw = normal('one');
    const values = Array.from({ length: 400 }, () => 0.3 + draw());
    const { value, interval, images } = pairedDifference({ seeds: [0], values: [values] }, zeros([0], 400), names(400));
    const mean = values.reduce((sum, each) => sum + each, 0) / 400;
    const deviation = Math.sqrt(values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / 400);
    expect(value).toBeCloseTo(mean, 12);
    expect(images).toBe(400);
    expect(halfWidth(interval!) / ((1.96 * deviation) / 20)).toBeGreaterThan(0.93);
    expect(halfWidth(interval!) / ((1.96 * deviation) / 20)).toBeLessThan(1.07);
  });

  test('what is hard about an image cancels', () => {
    const draw = normal('hard');
    const hard = Array.from({ length: 50 }, () => 10 * draw());
    const one = { seeds: [0], values: [hard.map((value) => value + 0.5)] };
    const { value, interval } = pairedDifference(one, { seeds: [0], values: [hard] }, names(50));
    expect(value).toBeCloseTo(0.5, 9);
    expect(interval!.map((end) => Math.round(end * 1e6))).toEqual([500_000, 500_000]);
  });

  test('images of one subject are drawn together: three copies of each image do not narrow the interval', () => {
    const draw = normal('subjects');
    const values = Array.from({ length: 60 }, draw);
    const [thrice, labels] = [values.flatMap((v) => [v, v, v]), names(60).flatMap((n) => [n, `${n}~2`, `${n}~3`])];
    const once = pairedDifference({ seeds: [0], values: [values] }, zeros([0], 60), names(60));
    const copies = pairedDifference({ seeds: [0], values: [thrice] }, zeros([0], 180), labels);
    expect(copies.interval!.map((end) => end.toFixed(9))).toEqual(once.interval!.map((end) => end.toFixed(9)));
    expect(copies.images).toBe(180);
  });
});

describe('with several seeds', () => {
  const seeds = [0, 1, 2, 3, 4, 5, 6, 7];

  /** Each training is better or worse as a whole, by one standard deviation. */
  function trainings(path: string, ofSeed: number, ofImage: number): Trainings {
    const draw = normal(path);
    return {
      seeds,
      values: seeds.map(() => {
        const whole = ofSeed * draw();
        return Array.from({ length: 100 }, () => whole + ofImage * draw());
      }),
    };
  }

  test('the interval is over trainings too: it is as wide as their deviation says', () => {
    const own = trainings('wide', 1, 0.01);
    const means = own.values.map((row) => row.reduce((sum, value) => sum + value, 0) / row.length);
    const mean = means.reduce((sum, value) => sum + value, 0) / seeds.length;
    const deviation = Math.sqrt(means.reduce((sum, value) => sum + (value - mean) ** 2, 0) / seeds.length);
    const { value, interval } = pairedDifference(own, zeros(seeds, 100), names(100));
    expect(value).toBeCloseTo(mean, 12);
    const expected = (1.96 * deviation) / Math.sqrt(seeds.length);
    expect(halfWidth(interval!) / expected).toBeGreaterThan(0.85);
    expect(halfWidth(interval!) / expected).toBeLessThan(1.15);
  });

  test('equal seeds are paired, whatever their order: what a seed does to both cancels', () => {
    const base = trainings('paired', 5, 0.01);
    const order = [3, 1, 0, 2, 7, 6, 5, 4];
    const better = { seeds: order, values: order.map((seed) => base.values[seed]!.map((value) => value + 0.25)) };
    const { interval } = pairedDifference(better, base, names(100));
    expect(interval!.map((end) => Math.round(end * 1e6))).toEqual([250_000, 250_000]);
  });

  test('other seeds are drawn for each of the two', () => {
    const base = trainings('unpaired', 1, 0.01);
    const other = { seeds: seeds.map((seed) => seed + 100), values: base.values };
    const { value, interval } = pairedDifference(other, base, names(100));
    expect(value).toBeCloseTo(0, 12);
    expect(halfWidth(interval!)).toBeGreaterThan(0.5);
  });
});

test('images with a value that is not finite are left out of all trainings', () => {
  const one = { seeds: [0], values: [[1, Infinity, 3]] };
  expect(pairedDifference(one, zeros([0], 3), names(3))).toMatchObject({ value: 2, images: 2 });
});

test('of nine images there is no interval, of ten there is', () => {
  const ten = Array.from({ length: 10 }, (_, i) => i);
  const nine = [NaN, ...ten.slice(1)];
  expect(pairedDifference({ seeds: [0], values: [nine] }, zeros([0], 10), names(10))).toEqual({
    value: 5,
    interval: undefined,
    images: 9,
  });
  expect(pairedDifference({ seeds: [0], values: [ten] }, zeros([0], 10), names(10)).interval).toBeDefined();
});
