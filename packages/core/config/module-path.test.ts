import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { findModule } from './module-path.ts';

let folder: string;

function write(name: string, text = ''): string {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const manifest = (name: string, content: object) => write(`node_modules/${name}/package.json`, JSON.stringify(content));

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'module-')));
  for (const name of ['deep/mine.ts', 'script.py', 'empty/file.txt']) write(name);
  for (const name of ['a.js', 'b.mjs', 'index.js'])
    for (const owner of ['one', '@me/two']) write(`node_modules/${owner}/${name}`);
  symlinkSync(join(folder, 'deep', 'mine.ts'), join(folder, 'link.ts'));
});

test('paths are relative to the folder, and symbolic links followed', () => {
  const mine = { file: join(folder, 'deep', 'mine.ts') };
  expect(findModule('./mine.ts', join(folder, 'deep'))).toEqual(mine);
  expect(findModule('../link.ts', join(folder, 'deep'))).toEqual(mine);
  expect(findModule(mine.file, '/')).toEqual(mine);
});

// As Node resolves them: https://nodejs.org/api/packages.html
test.each([
  ['one', {}, 'index.js'],
  ['one', { main: './a.js' }, 'a.js'],
  ['one', { main: './a.js', exports: './b.mjs' }, 'b.mjs'],
  ['one', { exports: { '.': './a.js', './b': './b.mjs' } }, 'a.js'],
  ['one', { exports: { require: './a.js', import: './b.mjs' } }, 'b.mjs'],
  ['one', { exports: { '.': { browser: './a.js', default: './index.js' } } }, 'index.js'],
  ['one', { exports: ['./a.js', './b.mjs'] }, 'a.js'],
  ['one', { exports: { '.': [{ require: './a.js' }, './b.mjs'] } }, 'b.mjs'],
  ['one', { exports: { node: { require: './a.js' }, default: './b.mjs' } }, 'b.mjs'],
  ['@me/two', { exports: { '.': { import: { types: './a.d.ts', default: './a.js' } } } }, 'a.js'],
])('the package %s with %j is imported by %s', (name, content, entry) => {
  manifest(name, content);
  const file = join(folder, 'node_modules', name, entry);
  expect(findModule(name, join(folder, 'deep'))).toEqual({ file });
  expect(findModule(`../node_modules/${name}`, join(folder, 'deep'))).toEqual({ file });
});

test.each([
  ['./mine', 'there is no file FOLDER/deep/mine', 'did you mean "./mine.ts"?'],
  ['mine.ts', 'the package mine.ts is not installed in FOLDER/deep or above it', 'did you mean "./mine.ts"?'],
  ['three', 'the package three is not installed in FOLDER/deep or above it', 'install it there: npm install three'],
  ['../script.py', 'FOLDER/script.py is no module that can be imported', 'a file .ts, .mts, .js, .mjs'],
  ['../empty', 'FOLDER/empty has no package.json', 'name the file itself'],
])('%s is none', (name, problem, hint) => {
  const found = findModule(name, join(folder, 'deep'));
  expect(found).toEqual({ problem: problem.replace('FOLDER', folder), hint });
});

test('a package that exports nothing, or a file that is not there, is none', () => {
  manifest('one', { exports: { './only': './a.js' } });
  expect(findModule('one', folder)).toMatchObject({ problem: expect.stringMatching(/exports nothing to import$/) });
  manifest('one', { main: './lost.js' });
  expect(findModule('one', folder)).toMatchObject({ problem: expect.stringContaining('lost.js, which') });
});
