import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
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

test('only a "~" in front is the home folder, and only what begins as a path is one', () => {
  const here = { file: write('a~/mine.ts') };
  expect(findModule('./a~/mine.ts', folder)).toEqual(here);
  expect(findModule(`~/${relative(homedir(), here.file)}`, '/')).toEqual(here);
  const index = { file: write('own/index.js') };
  write('own/package.json', '{}');
  expect(findModule('.', join(folder, 'own'))).toEqual(index);
  expect(findModule('..', join(folder, 'own', 'deep'))).toEqual(index);
  expect(findModule('~', folder)).not.toMatchObject({ problem: expect.stringContaining('not installed') });
  for (const name of ['a/b', 'a~', '~a', '.a', 'a..', 'a/..b']) {
    expect(findModule(name, join(folder, 'deep'))).toHaveProperty('hint', `install it there: npm install ${name}`);
  }
});

test('packages are looked for in the folder itself and in all above it', () => {
  manifest('one', {});
  expect(findModule('one', join(folder, 'deep', 'deeper', 'no'))).toEqual({
    file: join(folder, 'node_modules/one/index.js'),
  });
  const near = { file: write('deep/node_modules/near/index.js') };
  write('deep/node_modules/near/package.json', '{}');
  manifest('near', {});
  expect(findModule('near', join(folder, 'deep'))).toEqual(near);
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

test.each([
  [{ exports: null }, /exports nothing to import$/],
  [{ exports: { require: './a.js', default: null } }, /exports nothing to import$/],
  [{ exports: [] }, /exports nothing to import$/],
  [{ main: 3 }, /exports nothing to import$/],
])('a package with %j is none', (content, problem) => {
  manifest('one', content);
  const found = findModule('one', folder);
  expect(found).toEqual({ problem: expect.stringMatching(problem), hint: '"exports": "./index.js"' });
});

test('a package whose package.json is no JSON is none, and nor is one that names a file of another kind', () => {
  write('node_modules/one/package.json', '{');
  expect(findModule('one', folder)).toEqual({ problem: expect.stringMatching(/package\.json cannot be read: /) });
  manifest('one', { main: 'readme.md' });
  write('node_modules/one/readme.md');
  expect(findModule('one', folder)).toMatchObject({ problem: expect.stringMatching(/is no module that can be imp/) });
});
