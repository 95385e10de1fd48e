import { existsSync, mkdtempSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { ImageVectors, type Dataset, type Image } from '@dualprior/blocks';
import { loadEngine, UserError, Interrupted } from '@dualprior/core';
import { drawnExtractor } from '@dualprior/blocks/testing/drawn-extractor';
import { Console } from '../console/console.ts';
import { sharpVectors, type SharpVectorsOptions } from './sharp-vectors.ts';

const source = new ImageVectors(drawnExtractor());
/** The last one is the first one again. */
const COLOURS = [10, 50, 90, 130, 10];

let folder: string;
let read: number[];
let stopAt: number;
let abort: AbortController;

beforeAll(async () => {
  loadEngine();
  await source.prepare();
});

afterAll(() => source.dispose());

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sharp-vectors-'));
  read = [];
  stopAt = Infinity;
});

const imageOf = (colour: number): Image => ({ width: 2, height: 2, data: new Uint8Array(12).fill(colour) });

function dataOf(colours: readonly number[]): Dataset {
  return {
    length: colours.length,
    name: (i: number) => `${i}.png`,
    read: (i: number) => {
      read.push(i);
      if (i >= stopAt) abort.abort();
      return Promise.resolve(imageOf(colours[i]!));
    },
  } as Dataset;
}

function make(changes: Partial<SharpVectorsOptions> = {}) {
  abort = new AbortController();
  return sharpVectors({
    data: dataOf(COLOURS),
    name: 'test',
    identity: 'identity of test',
    source,
    batch: 2,
    cache: join(folder, 'references'),
    folder: join(folder, 'run'),
    console: new Console({ write: () => true } as unknown as NodeJS.WriteStream),
    signal: abort.signal,
    ...changes,
  });
}

const cached = () => join(folder, 'references', readdirSync(join(folder, 'references'))[0]!);

/** The file of the cache with something else in its first line. */
function altered(change: (head: Record<string, unknown>) => void): void {
  const bytes = readFileSync(cached());
  const end = bytes.indexOf('\n');
  const head = JSON.parse(bytes.subarray(0, end).toString()) as Record<string, unknown>;
  change(head);
  delete head['crc32']; // as in files of older versions
  writeFileSync(cached(), Buffer.concat([Buffer.from(JSON.stringify(head)), bytes.subarray(end)]));
}

test('are made once for a data set and an extractor', async () => {
  const made = await make();
  expect(made).toMatchObject({ count: 5, length: 9, different: 4 });
  expect(made.values[9]).toBeCloseTo(50 / 255, 6);
  expect(read).toEqual([0, 1, 2, 3, 4]);
  expect(existsSync(join(folder, 'run'))).toBe(true);
  expect(readdirSync(join(folder, 'run'))).toEqual([]);
  const again = await make();
  expect([...again.values]).toEqual([...made.values]);
  expect(read).toHaveLength(5);
});

test('continue where a call was interrupted, after the last whole batch', async () => {
  stopAt = 2;
  await expect(make()).rejects.toThrow(Interrupted);
  [read, stopAt] = [[], Infinity];
  const resumed = await make();
  expect(read.length).toBeGreaterThan(0);
  expect(read).not.toContain(0);
  const whole = await make({ cache: join(folder, 'others') });
  expect([...resumed.values]).toEqual([...whole.values]);
});

test('are made again where the file is cut off', async () => {
  await make();
  truncateSync(cached(), readFileSync(cached()).length - 4);
  await expect(make()).resolves.toMatchObject({ count: 5, different: 4 });
  expect(read).toHaveLength(10);
});

test('are refused where a bit has changed, in the head or behind it', async () => {
  await make();
  const bytes = readFileSync(cached());
  for (const place of [bytes.indexOf('3.png'), bytes.length - 6]) {
    const damaged = Buffer.from(bytes);
    damaged[place]! ^= 1;
    writeFileSync(cached(), damaged);
    await expect(make()).rejects.toThrow(UserError);
    await expect(make()).rejects.toThrow(
      /references\/.*\.vectors is damaged: its checksum is wrong\. Remove that file: its vectors are made again/,
    );
  }
});

test('that an older version knew by another identity are taken', async () => {
  await make({ identity: 'former identity of test' });
  const again = await make({ formerIdentity: 'former identity of test' });
  expect([again.count, read.length]).toEqual([5, 5]);
  await make({ formerIdentity: 'of something else' });
  expect(read).toHaveLength(10);
});

test('of an older version have no checksum', async () => {
  const { values } = await make();
  altered(() => {});
  expect((await make()).values).toEqual(values);
  expect(read).toHaveLength(5);
});

test.each<[string, (head: Record<string, unknown>) => void, RegExp]>([
  [
    'with another extractor',
    (head) => (head['source'] = 'other'),
    /\.vectors holds vectors of sharp images made with another feature extractor or resizing: other instead of .*drawn 1.* Remove that file/,
  ],
  [
    'of another data set',
    (head) => (head['data'] = 'other'),
    /of another data set: other instead of "test" \(identity of test\)\. Remove that file/,
  ],
])('are refused where the file was made %s', async (_, change, message) => {
  await make();
  altered(change);
  await expect(make()).rejects.toThrow(message);
});

test('are refused for an image that has changed behind its name', async () => {
  const { check } = await make();
  expect(() => check(1, imageOf(50))).not.toThrow();
  expect(() => check(1, imageOf(51))).toThrow(
    /image 1 of "test", 1\.png, is not the one that the vectors in .*\.vectors were made of \(1\.png\)\. Remove that file/,
  );
});
