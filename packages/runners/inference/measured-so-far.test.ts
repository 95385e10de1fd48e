import { appendFileSync, existsSync, mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { MeasuredSoFar } from './measured-so-far.ts';

let folder: string;

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'so-far-')), 'partial');
});

const open = (identity = 'one', batch = 2) => new MeasuredSoFar(folder, identity, [3, 1], batch);
const images = (...names: string[]) => names.map((name, i) => ({ name, values: [i + 0.5, Infinity] }));
const vectors = (count: number, from = 0): Float32Array[] => [
  Float32Array.from({ length: 3 * count }, (_, i) => from + i),
  Float32Array.from({ length: count }, (_, i) => -from - i),
];

function filled(): void {
  const first = open();
  first.add(images('a', 'line\nbreak'), vectors(2));
  first.add(images('c', 'd'), vectors(2, 100));
}

test('continues with all that was added', () => {
  filled();
  const again = open();
  expect(again.rows).toEqual([...images('a', 'line\nbreak'), ...images('c', 'd')]);
  expect([...again.vectors(0).values]).toEqual([0, 1, 2, 3, 4, 5, 100, 101, 102, 103, 104, 105]);
  expect(again.vectors(1)).toEqual({ count: 4, length: 1, values: Float32Array.of(-0, -1, -100, -101) });
  again.add(images('e'), vectors(1, 7));
  expect(open('one', 1).vectors(0).values.slice(-3)).toEqual(Float32Array.of(7, 8, 9));
});

test('an image that is half written is cut off, with its group', () => {
  filled();
  appendFileSync(join(folder, 'rows.jsonl'), '{"name": "e", "val');
  appendFileSync(join(folder, 'vectors-0.f32'), new Uint8Array(7));
  expect(open().rows.map(({ name }) => name)).toEqual(['a', 'line\nbreak', 'c', 'd']);
  expect(readFileSync(join(folder, 'vectors-0.f32'))).toHaveLength(48);
  truncateSync(join(folder, 'vectors-1.f32'), 15);
  const shorter = open();
  expect(shorter.rows.map(({ name }) => name)).toEqual(['a', 'line\nbreak']);
  expect(shorter.vectors(0).values).toEqual(Float32Array.of(0, 1, 2, 3, 4, 5));
  shorter.add(images('C', 'D'), vectors(2, 9));
  expect(open().rows.map(({ name }) => name)).toEqual(['a', 'line\nbreak', 'C', 'D']);
});

test('a bit that has changed cuts off its image and all behind it', () => {
  filled();
  flip(join(folder, 'vectors-0.f32'), 24); // of the first number of the third image
  expect(open('one', 1).rows.map(({ name }) => name)).toEqual(['a', 'line\nbreak']);
  const rows = join(folder, 'rows.jsonl');
  const line = readFileSync(rows, 'utf8').split('\n')[0]!;
  writeFileSync(rows, readFileSync(rows, 'utf8').replace('0.5', '0.7'));
  expect(open('one', 1).rows).toEqual([]);
  // Lines of older versions have no checksum.
  const { crc32: _, ...older } = JSON.parse(line) as Record<string, unknown>;
  filled();
  writeFileSync(rows, `${JSON.stringify(older)}\n`);
  expect(open('one', 1).rows).toEqual(images('a'));
  for (const none of ['null', '5']) {
    writeFileSync(rows, `${none}\n`);
    expect(open('one', 1).rows).toEqual([]);
    filled();
  }
});

/** Changes the lowest bit of a byte. */
function flip(file: string, byte: number): void {
  const bytes = readFileSync(file);
  bytes[byte]! ^= 1;
  writeFileSync(file, bytes);
}

test('of another method, data or metric it starts over', () => {
  filled();
  expect(open('two').rows).toEqual([]);
  expect(open('one').rows).toEqual([]);
});

test('leaves nothing behind when discarded', () => {
  filled();
  open().discard();
  expect(existsSync(folder)).toBe(false);
});
