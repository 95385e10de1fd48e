import { copyFileSync, linkSync, mkdirSync, mkdtempSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { EqualFiles } from './equal-files.ts';

let root: string;
const at = (name: string) => join(root, name);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'equal-'));
  writeFileSync(at('a.png'), 'the first image');
});

const found = (files: string[], others: string[]) =>
  [...new EqualFiles().find(files.map(at), others.map(at))].map((pair) =>
    pair.map((file) => file.slice(root.length + 1)),
  );

test.each<[string, () => void]>([
  ['the same file', () => symlinkSync(root, at('here'))],
  ['a copy', () => (mkdirSync(at('here')), copyFileSync(at('a.png'), at('here/a.png')))],
  ['a hard link', () => (mkdirSync(at('here')), linkSync(at('a.png'), at('here/a.png')))],
  ['a symbolic link', () => (mkdirSync(at('here')), symlinkSync(at('a.png'), at('here/a.png')))],
])('%s in another folder is found', (_, make) => {
  make();
  writeFileSync(at('b.png'), 'of other size');
  expect(found(['a.png', 'b.png'], ['here/a.png'])).toEqual([['a.png', 'here/a.png']]);
  expect(found(['here/a.png'], ['b.png', 'a.png'])).toEqual([['here/a.png', 'a.png']]);
});

test('files of one size that differ anywhere are not equal', () => {
  const size = 5000;
  const bytes = Buffer.alloc(size, 7);
  writeFileSync(at('whole'), bytes);
  for (const place of [0, 1, 1300, 2500, size - 1]) {
    const other = Buffer.from(bytes);
    other[place]! ^= 1;
    writeFileSync(at('other'), other);
    expect(found(['whole'], ['other'])).toEqual([]);
  }
  writeFileSync(at('other'), bytes);
  expect(found(['whole'], ['a.png', 'other'])).toEqual([['whole', 'other']]);
});

test('files that are empty, missing or no files equal none', () => {
  for (const name of ['empty', 'empty too']) writeFileSync(at(name), '');
  mkdirSync(at('folder'));
  mkdirSync(at('another'));
  const names = ['empty', 'missing', 'folder'];
  expect(found(names, ['empty too', 'gone', 'another', 'folder', 'empty', 'missing'])).toEqual([]);
});

test('only candidates are read: of files of different sizes none, of files that differ at a glance little', () => {
  const large = 2 ** 37; // sparse: whoever reads one whole does not come back
  for (const [i, name] of ['x', 'y', 'z'].entries()) {
    writeFileSync(at(name), name);
    truncateSync(at(name), large + (name === 'z' ? 1 : 0));
    expect(i).toBeLessThan(3);
  }
  expect(found(['z'], ['x', 'y'])).toEqual([]);
});
