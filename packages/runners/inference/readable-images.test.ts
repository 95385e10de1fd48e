import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { directSampler, UnreadableImage, type Dataset, type Image } from '@dualprior/blocks';
import { Random, UserError } from '@dualprior/core';
import { MissingImages } from '../evaluation/missing-images.ts';
import { ReadableImages } from './readable-images.ts';

const random = new Random(0);
let broken: Set<number>;
let warned: string[];
let file: string;
const console = { warn: (line: string) => void warned.push(line) };

beforeEach(() => {
  broken = new Set();
  warned = [];
  file = join(mkdtempSync(join(tmpdir(), 'readable-')), 'evaluation', 'missing.json');
});

const imageOf = (index: number): Image => ({ width: 1, height: 1, data: Float32Array.of(index, index, index) });

function dataOf(length: number): Dataset {
  return {
    length,
    random,
    name: (i: number) => `${i}.png`,
    read: async (i: number) => {
      if (broken.has(i)) throw new UnreadableImage(`/faces/${i}.png`, 'it is empty', false);
      return imageOf(i);
    },
    hasSharp: true,
    degraded: 'made',
    degrade: async (image: Image) => image,
  } as unknown as Dataset;
}

const missingOf = (data: Dataset, identity = 'a') => new MissingImages(file, identity, data, console);

/** Reads all images, a few at a time, as an evaluation does. */
function readAll(images: ReadableImages) {
  const { pair } = images.pairsBy(directSampler);
  return images.untilReadable(async () => {
    const found: [string, number][] = [];
    for (let from = 0; from < images.length; from += 4) {
      const indices = Array.from({ length: Math.min(4, images.length - from) }, (_, i) => from + i);
      const pairs = await Promise.all(indices.map((i) => pair(images, i)));
      pairs.forEach(({ sharp }, i) => found.push([images.name(indices[i]!), sharp!.data[0]!]));
    }
    return found;
  });
}

const all = (count: number, ...without: number[]) =>
  Array.from({ length: count }, (_, i): [string, number] => [`${i}.png`, i]).filter(([, i]) => !without.includes(i));

test('all images are there where all can be read, and nothing is written', async () => {
  const data = dataOf(10);
  const missing = missingOf(data);
  expect(await readAll(new ReadableImages(data, missing))).toEqual(all(10));
  expect([missing.notes, warned, existsSync(file)]).toEqual([[], [], false]);
});

test('what turns out to be unreadable is left out from the beginning, named once, and known to the next session', async () => {
  const data = dataOf(300);
  broken = new Set([5, 6, 250]);
  const missing = missingOf(data);
  expect(await readAll(new ReadableImages(data, missing))).toEqual(all(300, 5, 6, 250));
  expect(warned).toEqual(
    [5, 6, 250].map((i) => `/faces/${i}.png is skipped: it is empty. No method is measured on it.`),
  );
  expect(missing.notes).toEqual([
    'Missing from all rows (5.png: it is empty; 6.png: it is empty; 250.png: it is empty).',
  ]);

  broken.clear(); // mended: what was measured was measured without
  const again = missingOf(data);
  expect(again.notes).toEqual(missing.notes);
  expect(await readAll(new ReadableImages(data, again))).toEqual(all(300, 5, 6, 250));
  expect(await readAll(new ReadableImages(data, missingOf(data, 'of other images')))).toEqual(all(300));
});

test('the first few are the first few that can be read', async () => {
  broken = new Set([1]);
  const data = dataOf(Infinity);
  expect(await readAll(new ReadableImages(data, missingOf(data), 6))).toEqual(all(7, 1));
});

test('too many are an error', async () => {
  broken = new Set([1, 2]);
  const data = dataOf(100);
  const found = readAll(new ReadableImages(data, missingOf(data)));
  await expect(found).rejects.toThrow(/^2 of 100 images cannot be read/);
  await expect(found).rejects.toBeInstanceOf(UserError);
  expect(existsSync(file)).toBe(false);
});

describe('an error of the work', () => {
  test.each([new Error('other'), new UnreadableImage('/elsewhere.png', 'it is empty', false)])(
    'continues (%s)',
    async (error) => {
      const images = new ReadableImages(dataOf(3), missingOf(dataOf(3)));
      let calls = 0;
      await expect(images.untilReadable(() => (calls++, Promise.reject(error)))).rejects.toBe(error);
      expect(calls).toBe(1);
    },
  );
});

test('a damaged record is as none', async () => {
  broken = new Set([2]);
  const data = dataOf(10);
  await readAll(new ReadableImages(data, missingOf(data)));
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, 20));
  expect(missingOf(data).all).toEqual([]);
});
