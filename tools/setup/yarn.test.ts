import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { installPackages, packagesKey } from './yarn.mjs';

let root: string;
let cache: string;
let installs: number;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'checkout-'));
  cache = mkdtempSync(join(tmpdir(), 'cache-'));
  installs = 0;
  mkdirSync(join(root, 'packages', 'core'), { recursive: true });
  for (const file of ['package.json', 'yarn.lock', '.yarnrc.yml', 'packages/core/package.json']) {
    writeFileSync(join(root, file), file);
  }
});

const silent = () => {};
const install = async () => {
  installs++;
};
const setUp = (build = install) => installPackages(root, cache, silent, build);

test.each(['package.json', 'yarn.lock', '.yarnrc.yml', 'packages/core/package.json'])(
  'packages are installed once, and again when %s changes',
  async (file) => {
    await setUp();
    await setUp();
    expect(installs).toBe(1);
    writeFileSync(join(root, file), 'changed');
    await setUp();
    expect(installs).toBe(2);
  },
);

test('the key of a checkout does not depend on where it is', () => {
  const copy = mkdtempSync(join(tmpdir(), 'checkout-'));
  cpSync(root, copy, { recursive: true });
  expect(packagesKey(copy)).toBe(packagesKey(root));
});

test('an installation that failed is done again, also when the old state comes back', async () => {
  await setUp();
  writeFileSync(join(root, 'yarn.lock'), 'changed');
  await expect(setUp(() => Promise.reject(new Error('no network')))).rejects.toThrow('no network');
  writeFileSync(join(root, 'yarn.lock'), 'yarn.lock');
  await setUp();
  expect(installs).toBe(2);
});

test('two set-ups of a checkout at once install once', async () => {
  await Promise.all([setUp(), setUp()]);
  expect(installs).toBe(1);
});
