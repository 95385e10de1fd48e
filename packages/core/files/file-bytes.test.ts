import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { UserError } from '../errors/user-error.ts';
import { memoryBytes, piecesOf, readRange, subBytes } from './bytes.ts';
import { fileBytes } from './file-bytes.ts';

const folder = mkdtempSync(join(tmpdir(), 'bytes-'));
const file = join(folder, 'file');

describe.each([
  ['of a file', () => (writeFileSync(file, Uint8Array.of(0, 1, 2, 3, 4, 5, 6)), fileBytes(file))],
  ['in memory', () => memoryBytes(Uint8Array.of(0, 1, 2, 3, 4, 5, 6))],
])('bytes %s', (_, make) => {
  test('are read at positions, of a slice too', () => {
    const bytes = make();
    expect(bytes.size).toBe(7);
    expect([...readRange(bytes, 0, 7)]).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect([...readRange(bytes, 7, 7)]).toEqual([]);
    expect([...readRange(subBytes(bytes, 2, 6), 1, 4)]).toEqual([3, 4, 5]);
    expect([...piecesOf(bytes, 3)].map((piece) => [...piece])).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
  });

  test('that are not there are an error, before memory is taken', () => {
    const bytes = make();
    for (const [begin, end] of [
      [0, 8],
      [-1, 2],
      [3, 2],
      [0, 2 ** 52],
      [NaN, 2],
    ] as const) {
      expect(() => readRange(bytes, begin, end)).toThrow(/cut off/);
      expect(() => subBytes(bytes, begin, end)).toThrow(/cut off/);
    }
    expect(() => readRange(subBytes(bytes, 2, 6), 0, 5)).toThrow(/cut off/);
  });
});

/** A file of a size that takes no room on the disk but for the bytes that are written. */
function sparse(size: number, written: Record<number, number[]>): string {
  const path = join(folder, `sparse-${size}`);
  writeFileSync(path, '');
  truncateSync(path, size);
  const descriptor = openSync(path, 'r+');
  for (const [position, bytes] of Object.entries(written)) {
    writeSync(descriptor, Uint8Array.from(bytes), 0, bytes.length, Number(position));
  }
  closeSync(descriptor);
  return path;
}

test.each([2 ** 31, 2 ** 32])('a file is read around byte %d', (limit) => {
  const bytes = fileBytes(sparse(limit + 10, { [limit - 2]: [1, 2, 3, 4], [limit + 9]: [5] }));
  expect(bytes.size).toBe(limit + 10);
  expect([...readRange(bytes, limit - 3, limit + 3)]).toEqual([0, 1, 2, 3, 4, 0]);
  expect([...readRange(bytes, limit + 8, limit + 10)]).toEqual([0, 5]);
});

test('what takes several reads is whole', () => {
  const size = 2 ** 25 + 5;
  const content = readRange(fileBytes(sparse(size, { 0: [7], [2 ** 24 - 1]: [8, 9], [size - 1]: [10] })), 0, size);
  expect([content[0], content[2 ** 24 - 1], content[2 ** 24], content[size - 1]]).toEqual([7, 8, 9, 10]);
});

describe('a file', () => {
  test('that is changed or replaced meanwhile is an error', () => {
    writeFileSync(file, 'abcdef');
    const bytes = fileBytes(file);
    writeFileSync(file, 'abcdefg');
    expect(() => readRange(bytes, 0, 2)).toThrow(/file has changed while it was being read/);
    rmSync(file);
    expect(() => readRange(bytes, 0, 2)).toThrow(UserError);
  });

  test.each([
    ['/nowhere/x', /Cannot read \/nowhere\/x: there is no such file/],
    [folder, /it is a folder/],
    ['/dev/zero', /it is no file/],
  ])('%s cannot be read', (path, message) => {
    expect(() => fileBytes(path)).toThrow(UserError);
    expect(() => fileBytes(path)).toThrow(message);
  });
});
