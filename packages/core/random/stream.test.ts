import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Random } from './random.ts';
import { Stream } from './stream.ts';

const M = 0xffffffffn;
const rotl = (x: bigint, k: bigint) => ((x << k) | (x >> (32n - k))) & M;

/** The published generator (https://prng.di.unimi.it/xoshiro128starstar.c), in whole numbers of any size. */
function* published(state: readonly number[]): Generator<number> {
  let [a, b, c, d] = state.map(BigInt) as [bigint, bigint, bigint, bigint];
  for (;;) {
    yield Number((rotl((b * 5n) & M, 7n) * 9n) & M);
    const t = (b << 9n) & M;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotl(d, 11n);
  }
}

function words(generator: Generator<number>, count: number): number[] {
  return Array.from({ length: count }, () => generator.next().value as number);
}

/** The first 16 bytes of the SHA-256 of a key, as four little-endian words. */
function stateOf(key: string): number[] {
  const digest = createHash('sha256').update(key).digest();
  return [0, 1, 2, 3].map((i) => [0, 1, 2, 3].reduce((word, k) => word + digest[4 * i + k]! * 256 ** k, 0));
}

describe('words', () => {
  test('the generator that they are compared with gives the numbers that are published for it', () => {
    // of the crate rand_xoshiro, from the C code of its authors
    expect(words(published([1, 2, 3, 4]), 10)).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  test.each(['', 'a', '[0,"batch",7,3]'])('are those of xoshiro128** from the hash of the key "%s"', (key) => {
    const stream = new Stream(key);
    expect(Array.from({ length: 1000 }, () => stream.uint32())).toEqual(words(published(stateOf(key)), 1000));
  });

  test('of a path follow from its JSON', () => {
    // computed in Python, by hashlib and whole numbers
    const first = (stream: Stream) => Array.from({ length: 4 }, () => stream.uint32());
    expect(first(new Random(0).stream('batch', 7, 3))).toEqual([3234581230, 2528341060, 2262632313, 1848366986]);
    expect(first(new Random(123).stream('a'))).toEqual([4202737559, 609183099, 1959388425, 3177378623]);
  });
});

/** The chi-squared statistic of counts that should be equal. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

function countsOf<T>(draws: readonly T[]): number[] {
  const counts = new Map<T, number>();
  for (const draw of draws) counts.set(draw, (counts.get(draw) ?? 0) + 1);
  return [...counts.values()];
}

/** Greatest distance between the distribution of some numbers and another one (Kolmogorov and Smirnov), times the root of their count. */
function kolmogorov(values: readonly number[], distribution: (x: number) => number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const distances = sorted.map((x, i) =>
    Math.max(Math.abs(distribution(x) - i / sorted.length), Math.abs(distribution(x) - (i + 1) / sorted.length)),
  );
  return Math.sqrt(sorted.length) * Math.max(...distances);
}

/** Where a right distribution lies with a probability of 99.9 %. */
const KOLMOGOROV = 1.95;

const draw = <T>(count: number, one: () => T) => Array.from({ length: count }, one);

describe('uniform numbers', () => {
  test('have 53 bits, of two words (genrand_res53 of Matsumoto and Nishimura)', () => {
    const stream = new Random(0).stream('u');
    expect(draw(3, () => stream.uniform())).toEqual([0.3482319861498243, 0.2802791294085868, 0.7039043563938661]);
  });

  test('fill their range evenly', () => {
    const stream = new Random(1).stream('u');
    expect(
      kolmogorov(
        draw(20_000, () => stream.uniform()),
        (x) => x,
      ),
    ).toBeLessThan(KOLMOGOROV);
    const wide = draw(20_000, () => stream.uniform(-3, 5));
    expect(kolmogorov(wide, (x) => (x + 3) / 8)).toBeLessThan(KOLMOGOROV);
    expect([Math.min(...wide) >= -3, Math.max(...wide) < 5]).toEqual([true, true]);
  });
});

test('integers are all equally likely, the first and the last included', () => {
  const stream = new Random(2).stream('i');
  const counts = countsOf(draw(26_000, () => stream.integer(13)).sort((a, b) => a - b));
  expect(counts).toHaveLength(13);
  expect(chiSquare(counts)).toBeLessThan(32.9); // 99.9 % of chi-square with 12 degrees of freedom
});

describe('normal numbers', () => {
  test('are those of Box and Muller, the sine after the cosine', () => {
    const stream = new Random(0).stream('n');
    const expected = [1.553825219237408, 0.6235738976984947, 0.47317662036489194, -0.5722874662437348]; // computed in Python
    for (const value of expected) expect(stream.normal()).toBeCloseTo(value, 14);
  });

  test('have the distribution, mean and deviation, and neighbours have nothing to do with each other', () => {
    const stream = new Random(3).stream('n');
    const values = draw(20_000, () => stream.normal(2, 3));
    expect(kolmogorov(values, (x) => normalDistribution((x - 2) / 3))).toBeLessThan(KOLMOGOROV);
    const standard = values.map((value) => (value - 2) / 3);
    for (const lag of [1, 2]) {
      const products = standard.slice(lag).map((value, i) => value * standard[i]!);
      const correlation = products.reduce((sum, product) => sum + product, 0) / products.length;
      expect(Math.abs(correlation)).toBeLessThan(3.3 / Math.sqrt(products.length));
    }
  });

  /** By the series of the error function (Abramowitz and Stegun 7.1.6). */
  function normalDistribution(x: number): number {
    if (Math.abs(x) > 6) return x > 0 ? 1 : 0;
    let [term, sum] = [x, x];
    for (let n = 1; Math.abs(term) > 1e-17; n++) sum += term *= (x * x) / (2 * n + 1);
    return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
  }
});

describe('permutations', () => {
  test('are those of Fisher and Yates from the end', () => {
    expect(new Random(0).stream('p').permutation(10)).toEqual([1, 5, 0, 6, 3, 8, 4, 2, 9, 7]); // computed in Python
    expect([0, 1].map((count) => new Random(0).stream('p').permutation(count))).toEqual([[], [0]]);
  });

  test('take one number less than they have things, so that what is drawn after them stays the same', () => {
    const [stream, other] = [new Random(0).stream('p'), new Random(0).stream('p')];
    stream.permutation(10);
    for (let i = 0; i < 9; i++) other.uniform();
    expect(stream.uint32()).toBe(other.uint32());
  });

  test('of four things are all equally likely', () => {
    const stream = new Random(4).stream('p');
    const counts = countsOf(draw(24_000, () => stream.permutation(4).join('')));
    expect(counts).toHaveLength(24);
    expect(chiSquare(counts)).toBeLessThan(49.7); // 99.9 % of chi-square with 23 degrees of freedom
  });
});
