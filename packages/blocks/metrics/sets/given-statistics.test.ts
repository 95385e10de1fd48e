import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { drawnExtractor } from '../testing/drawn-extractor.ts';
import { writeNpz } from '../testing/write-npz.ts';
import { centre, factorOfSet, frechetDistance } from './frechet.ts';
import { readGivenStatistics } from './given-statistics.ts';
import { ImageVectors } from './image-vectors.ts';
import { readStatistics } from './read-statistics.ts';
import { writeVectors } from './vectors-file.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'statistics-'));
});

const MU = [0.5, 0.25];
const SIGMA = [2, 0.5, 0.5, 1];

function npz(mu: readonly number[], sigma: readonly number[], shape = [2, 2]): string {
  const file = join(folder, 'statistics.npz');
  writeNpz(file, { mu: [mu, [mu.length]], sigma: [sigma, shape] });
  return file;
}

describe('statistics of others', () => {
  test('come back as they were', () => {
    const { mean, covariance } = readStatistics(npz(MU, SIGMA), 2, 'x');
    expect([...mean]).toEqual(MU);
    expect(covariance).toMatchObject({ rows: 2, columns: 2 });
    expect([...covariance.values]).toEqual(SIGMA);
  });

  test('may be of features that do not vary, or are zero', () => {
    expect([...readStatistics(npz([0, 1], [0, 0, 0, 1]), 2, 'x').mean]).toEqual([0, 1]);
  });

  /** Statistics of three features with variances 4, 1 and 9; the covariances are those of 1 and 0, 2 and 0, 2 and 1. */
  const sigmaOf = (a: number, b: number, c: number) => [4, a, b, a, 1, c, b, c, 9];
  const three = (sigma: readonly number[]) => readStatistics(npz([0, 1, 2], sigma, [3, 3]), 3, 'x').covariance;

  test('have covariances up to the roots of the products of their variances, and what rounding leaves', () => {
    for (const sigma of [sigmaOf(2, 6, 3), sigmaOf(-2, -6, 3), sigmaOf(2 + 5e-5, 6, -3), sigmaOf(0, 0, 0)]) {
      expect([...three(sigma).values]).toEqual(sigma);
    }
    for (const sigma of [sigmaOf(2.01, 0, 0), sigmaOf(0, 6.01, 0), sigmaOf(0, 0, 3.01), sigmaOf(-2.01, 0, 0)]) {
      expect(() => three(sigma)).toThrow('sigma is not a covariance');
    }
    for (const at of [1, 2, 5]) {
      const sigma = sigmaOf(1, 1, 1).map((value, i) => (i === at ? value + 0.01 : value));
      expect(() => three(sigma)).toThrow('sigma is not a covariance');
      const rounded = sigmaOf(1, 1, 1).map((value, i) => (i === at ? value + 5e-6 : value));
      expect([...three(rounded).values]).toEqual(rounded);
    }
  });

  test.each<[string, () => string, RegExp]>([
    ['a file that is not there', () => join(folder, 'none.npz'), /none\.npz/],
    [
      'other arrays',
      () => {
        const file = join(folder, 'other.npz');
        writeNpz(file, { act: [[1], [1]] });
        return file;
      },
      /other\.npz holds no statistics .*it holds act instead of mu and sigma/,
    ],
    [
      'another count of features',
      () => npz([0, 0, 0], [1, 0, 0, 0, 1, 0, 0, 0, 1], [3, 3]),
      /mu \(3\) and sigma \(3, 3\), but "x" has 2 features; .* same feature extractor and resizing/,
    ],
    ['numbers that are not finite', () => npz([0, NaN], SIGMA), /not all of its numbers are finite/],
    ['covariances that are not finite', () => npz(MU, [2, NaN, NaN, 1]), /not all of its numbers are finite/],
    [
      'no arrays',
      () => {
        const file = join(folder, 'none.npz');
        writeNpz(file, {});
        return file;
      },
      /none\.npz holds no statistics .*it holds nothing instead of mu and sigma/,
    ],
    ['means below 0', () => npz([0.5, -0.01], SIGMA), /mu has numbers below 0, but "x" gives means of rectified/],
    ['a matrix that is not symmetric', () => npz(MU, [2, 0.5, 0.4, 1]), /sigma is not a covariance/],
    ['negative variances', () => npz(MU, [2, 0, 0, -1]), /sigma is not a covariance/],
    ['covariances beyond the variances', () => npz(MU, [2, 1.5, 1.5, 1]), /sigma is not a covariance/],
  ])('%s are refused', (_, write, message) => {
    expect(() => readStatistics(write(), 2, '"x"')).toThrow(message);
  });
});

describe('given statistics', () => {
  const source = new ImageVectors(drawnExtractor());
  const images = ['a.png', 'b.png', 'a.png~2'].map((name, i) => [name, `print ${i % 2}`] as const);
  const values = Float32Array.from({ length: 27 }, (_, i) => (i * 7) % 5);

  function vectors(key = source.key): string {
    const file = join(folder, 'own.vectors');
    writeVectors(file, { source: key, data: 'data', length: 9, images }, { count: 3, length: 9, values });
    return file;
  }

  test('of vectors that a run has kept say of what they are, and serve every layer', () => {
    const given = readGivenStatistics(vectors(), source);
    expect(given).toMatchObject({ layers: 2, different: 2, doubt: undefined });
    expect(given.description).toMatch(/^the 3 images \(a\.png to a\.png~2\) whose vectors are in .*own\.vectors$/);
    const own = {
      rows: 3,
      columns: 3,
      values: Float64Array.from([6, 7, 8, 15, 16, 17, 24, 25, 26], (i) => values[i]!),
    };
    const [{ value, second }, expected] = [given.factor(1)!, factorOfSet(centre(own))].map((factored) =>
      frechetDistance(centre({ ...own, values: own.values.map((v) => v + 1) }), factored),
    ) as [ReturnType<typeof frechetDistance>, ReturnType<typeof frechetDistance>];
    expect(value).toBeCloseTo(expected.value, 10);
    expect(value).toBeCloseTo(3, 10);
    expect(second).toBeUndefined();
  });

  test('of vectors of another extractor, other weights or another resizing are refused', () => {
    const others = [
      drawnExtractor({ identity: 'drawn 2' }),
      drawnExtractor({ sets: { ...source.sets, resizing: 'resized otherwise' } }),
    ];
    for (const other of others) {
      expect(() => readGivenStatistics(vectors(new ImageVectors(other).key), source)).toThrow(
        /own\.vectors holds vectors that were made with another feature extractor, other weights or another resizing/,
      );
    }
  });

  test('of a file that is cut off are refused', () => {
    writeFileSync(join(folder, 'cut.vectors'), '{"source"');
    expect(() => readGivenStatistics(join(folder, 'cut.vectors'), source)).toThrow('cut.vectors is no whole file');
  });

  test('of vectors in which a bit has changed are refused', () => {
    const file = vectors();
    const bytes = readFileSync(file);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(file, bytes);
    expect(() => readGivenStatistics(file, source)).toThrow(
      /own\.vectors is damaged: its checksum is wrong\. Give a copy/,
    );
  });

  test('of others are for the deepest layer, and leave a doubt', () => {
    const sigma = Array.from({ length: 36 }, (_, i) => (i % 7 === 0 ? 1 : 0));
    const given = readGivenStatistics(npz(new Array<number>(6).fill(1), sigma, [6, 6]), source);
    expect(given).toMatchObject({ layers: 1, different: undefined });
    expect(given.doubt).toMatch(/statistics\.npz does not say with which feature extractor and resizing/);
    expect(given.factor(0)).toMatchObject({ trace: 6, count: undefined });
    expect(given.factor(1)).toBeUndefined();
  });
});
