import { mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { DamagedFileError } from '@dualprior/core';
import { differentImages, readVectors, writeVectors } from './vectors-file.ts';

const HEAD = {
  source: 'drawn',
  data: 'faces',
  length: 2,
  images: [
    ['a.png', '1'],
    ['b.png', '2'],
    ['c.png', '1'],
  ],
} as const;
const VECTORS = { count: 3, length: 2, values: Float32Array.of(1, -2, 0.5, 4, 5, 6) };

let file: string;

beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'vectors-')), 'folder', 'a.vectors');
});

const read = () => readVectors(file, 'Delete it.');

test('vectors are read as they were written, with what they are of', () => {
  expect(read()).toBeUndefined();
  writeVectors(file, HEAD, VECTORS);
  expect(read()).toEqual({ head: HEAD, vectors: VECTORS });
  expect(differentImages(HEAD)).toBe(2);
});

test('a part of a file is as none; other bytes are an error with the remedy', () => {
  writeVectors(file, HEAD, VECTORS);
  const whole = readFileSync(file);
  for (const length of [0, 10, whole.length - 1]) {
    writeFileSync(file, whole);
    truncateSync(file, length);
    expect(read()).toBeUndefined();
  }
  for (const at of [whole.length - 1, whole.indexOf('drawn')]) {
    const damaged = Uint8Array.from(whole);
    damaged[at]! ^= 1;
    writeFileSync(file, damaged);
    expect(read).toThrow(DamagedFileError);
    expect(read).toThrow(`${file} is damaged: its checksum is wrong. Delete it.`);
  }
});

test('what an older version has written has no checksum', () => {
  const body = Buffer.from(VECTORS.values.buffer);
  writeVectors(file, HEAD, VECTORS);
  writeFileSync(file, Buffer.concat([Buffer.from(`${JSON.stringify(HEAD)}\n`), body]));
  expect(read()).toEqual({ head: HEAD, vectors: VECTORS });
});
