import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { jobsOf } from './inputs.ts';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'inputs-')));
  for (const name of [
    'photos/a.png',
    'photos/deep/b.JPG',
    'photos/deep/notes.txt',
    'more/a.png',
    'more/a.jpg',
    'empty/x.txt',
  ]) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), '');
  }
});

function jobs(inputs: readonly string[], output = 'out', format?: 'webp'): Record<string, string> {
  const all = jobsOf(
    inputs.map((input) => join(folder, input)),
    join(folder, output),
    format,
  );
  return Object.fromEntries(all.map(({ input, output: to }) => [relative(folder, input), relative(folder, to)]));
}

test('files, folders and patterns keep what lies below them; each photograph once', () => {
  expect(jobs(['photos'])).toEqual({ 'photos/a.png': 'out/a.png', 'photos/deep/b.JPG': 'out/deep/b.JPG' });
  expect(jobs(['photos/deep/b.JPG'])).toEqual({ 'photos/deep/b.JPG': 'out/b.JPG' });
  expect(jobs(['photos/**/*.{png,JPG}'])).toEqual({
    'photos/a.png': 'out/a.png',
    'photos/deep/b.JPG': 'out/deep/b.JPG',
  });
  expect(jobs(['photos', 'photos/a.png'])).toEqual(jobs(['photos']));
});

test('a format gives its ending, where a name has none of its', () => {
  expect(jobs(['photos'], 'out', 'webp')).toEqual({
    'photos/a.png': 'out/a.webp',
    'photos/deep/b.JPG': 'out/deep/b.webp',
  });
});

test.each([
  [['nowhere.png'], 'out', /nowhere\.png does not exist/],
  [['empty'], 'out', /empty holds no images/],
  [['photos/*.gif'], 'out', /matches no file/],
  [['photos'], 'photos/out', /lies in .*photos: .*Give another --output/],
  [['photos'], 'photos', /is the folder of the photographs itself/],
  [['photos/a.png'], 'photos', /would be written over/],
  [['photos', 'more/a.png'], 'out', /would become one file:\n.*out\/a\.png: .*photos\/a\.png, .*more\/a\.png/],
])('%j to %s is refused', (inputs, output, message) => {
  expect(() => jobs(inputs, output)).toThrow(message);
});

test('two photographs that a format gives one name', () => {
  expect(() => jobs(['more'], 'out', 'webp')).toThrow(/would become one file/);
});

test('a link does not hide that the output lies in the input', () => {
  symlinkSync(join(folder, 'photos'), join(folder, 'link'));
  expect(() => jobs(['photos'], 'link/out')).toThrow(/lies in/);
});
