import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Unreadable } from '@dualprior/blocks';
import { sealedJson } from '@dualprior/core';
import { MissingImages } from './missing-images.ts';

let folder: string;
let warned: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'missing-'));
  warned = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = () => join(folder, 'evaluation', 'missing.json');
const console = { warn: (line: string) => void warned.push(line) };
const missing = (identity = 'a', length = 1000) => new MissingImages(file(), identity, { length }, console);

function image(index: number, change: Partial<Unreadable> = {}): Unreadable {
  return { index, name: `${index}.png`, file: `/f/${index}.png`, reason: 'it is empty', isKnown: false, ...change };
}

test('are kept in their order, each once', () => {
  const first = missing();
  first.add([image(7), image(3)]);
  first.add([image(3), image(5)]);
  expect(first.all.map(({ index }) => index)).toEqual([3, 5, 7]);
  expect(missing().all).toEqual([image(3), image(5), image(7)]);
});

test('are those of one data set', () => {
  missing('a').add([image(3)]);
  expect(missing('b').all).toEqual([]);
  expect(missing('a').all).toEqual([image(3)]);
});

test('are named once a file, unless a warning has done so before', () => {
  const one = missing();
  one.add([image(1), image(2, { isKnown: true }), image(4, { file: '/f/1.png', name: '1.png~2' })]);
  expect(warned).toEqual(['/f/1.png is skipped: it is empty. No method is measured on it.']);
  one.add([image(8, { reason: 'it is cut off' })]);
  expect(warned.slice(1)).toEqual(['/f/8.png is skipped: it is cut off. No method is measured on it.']);
});

test('too many are an error and change nothing', () => {
  const few = missing('a', 100);
  few.add([image(1)]);
  const before = readFileSync(file(), 'utf8');
  expect(() => few.add([image(2)])).toThrow(/^2 of 100 images cannot be read/);
  expect([few.all, warned.length, readFileSync(file(), 'utf8')]).toEqual([[image(1)], 1, before]);
});

test('are reported in one line: a face once however often it is there, the first five, and how many more', () => {
  const some = missing();
  expect(some.notes).toEqual([]);
  some.add([image(0), image(1, { name: '0.png~2' }), ...[2, 3, 4, 5].map((i) => image(i))]);
  const shown = [0, 2, 3, 4, 5].map((i) => `${i}.png: it is empty`).join('; ');
  expect(some.notes).toEqual([`Missing from all rows (${shown}).`]);
  some.add([image(6), image(7)]);
  expect(some.notes).toEqual([`Missing from all rows (${shown} and 2 more).`]);
});

test.each([
  ['that is no JSON', '{'],
  ['of another form', sealedJson({ data: 'a' })],
  ['whose images are none', sealedJson({ data: 'a', images: 'x' })],
  ['without a data set', sealedJson({ images: [image(1)] })],
])('a file %s is as none', (_, text) => {
  missing().add([image(1)]);
  expect(existsSync(file())).toBe(true);
  writeFileSync(file(), text);
  expect(missing().all).toEqual([]);
});
