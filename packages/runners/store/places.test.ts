import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { runsFolderHere, runsFolderOf } from './places.ts';

const CHECKOUT = resolve(import.meta.dirname, '../../..');
const RUNS = join(CHECKOUT, 'runs');
const SMOKE = join(CHECKOUT, 'experiments', 'smoke.yaml');

let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'places-')));
});

function written(name: string): string {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
  return file;
}

test('files of the checkout keep runs/ of the checkout, whatever DUALPRIOR_HOME says', () => {
  expect(runsFolderOf(SMOKE, {})).toBe(RUNS);
  expect(runsFolderOf(SMOKE, { DUALPRIOR_HOME: folder })).toBe(RUNS);
});

test('others go to DUALPRIOR_HOME, else beside the file', () => {
  const file = written('mine/a.yaml');
  expect(runsFolderOf(file, {})).toBe(join(folder, 'mine', 'runs'));
  expect(runsFolderOf(file, { DUALPRIOR_HOME: '' })).toBe(join(folder, 'mine', 'runs'));
  expect(runsFolderOf(file, { DUALPRIOR_HOME: '/data/runs' })).toBe('/data/runs');
  expect(runsFolderOf(file, { DUALPRIOR_HOME: 'home', INIT_CWD: folder })).toBe(join(folder, 'home'));
});

test('symbolic links count as what they lead to', () => {
  const file = written('mine/a.yaml');
  mkdirSync(join(folder, 'elsewhere'));
  symlinkSync(file, join(folder, 'elsewhere', 'a.yaml'));
  expect(runsFolderOf(join(folder, 'elsewhere', 'a.yaml'), {})).toBe(join(folder, 'mine', 'runs'));
  symlinkSync(SMOKE, join(folder, 'smoke.yaml'));
  expect(runsFolderOf(join(folder, 'smoke.yaml'), {})).toBe(RUNS);
  symlinkSync(join(CHECKOUT, 'experiments'), join(folder, 'experiments'));
  expect(runsFolderOf(join(folder, 'experiments', 'smoke.yaml'), {})).toBe(RUNS);
});

test('a folder beside the checkout whose name begins alike is no part of it', () => {
  expect(runsFolderOf(`${CHECKOUT}-mine/a.yaml`, {})).toBe(`${CHECKOUT}-mine/runs`);
  expect(runsFolderOf(join(dirname(CHECKOUT), 'a.yaml'), {})).toBe(join(dirname(CHECKOUT), 'runs'));
});

test('the copy in a run directory continues where that directory is', () => {
  written('runs/a-0123/hash');
  expect(runsFolderOf(written('runs/a-0123/experiment.yaml'), { DUALPRIOR_HOME: '/data' })).toBe(join(folder, 'runs'));
});

test('commands without a file take the folder in which the user is', () => {
  expect(runsFolderHere({ INIT_CWD: join(CHECKOUT, 'docs') })).toBe(RUNS);
  expect(runsFolderHere({ INIT_CWD: folder })).toBe(join(folder, 'runs'));
  expect(runsFolderHere({ INIT_CWD: folder, DUALPRIOR_HOME: '/data' })).toBe('/data');
});
