import { mkdtempSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
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

test('the first line is JSON with the CRC-32 of what it says and of the vectors, in eight digits', () => {
  const body = Buffer.from(VECTORS.values.buffer);
  const sumOf = (head: object) => crc32(body, crc32(JSON.stringify(head)));
  const heads = Array.from({ length: 200 }, (_, i) => ({ ...HEAD, data: `faces ${i}` }));
  const head = heads.find((each) => sumOf(each) < 0x10000000)!; // that begins with a zero
  writeVectors(file, head, VECTORS);
  const sum = sumOf(head).toString(16).padStart(8, '0');
  expect(sum).toMatch(/^0/);
  expect(readFileSync(file)).toEqual(
    Buffer.concat([Buffer.from(`${JSON.stringify({ ...head, crc32: sum })}\n`), body]),
  );
});

test('a first line of any length is read', () => {
  const images = Array.from(
    { length: 60_000 },
    (_, i) => [`folder/of/many/faces/${i}.png`, `${i}`.padStart(64, '0')] as const,
  );
  const head = { ...HEAD, length: 1, images };
  writeVectors(file, head, { count: images.length, length: 1, values: new Float32Array(images.length) });
  expect(statSync(file).size).toBeGreaterThan(2 ** 22); // more than is read at a time
  expect(read()!.head.images).toHaveLength(60_000);
});

test.each(['{"images": 3}', '[', 'null', ''])('a file that begins with %j is none', (line) => {
  writeVectors(file, HEAD, VECTORS);
  writeFileSync(file, `${line}\n`);
  expect(read()).toBeUndefined();
});
