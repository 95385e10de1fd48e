import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { engineFolder } from '../../packages/core/engine/location.mjs';
import { buildEngine, hasEngine, hasOlderEngine } from './engine.mjs';
import { ROOT } from './places.mjs';
import { verify } from './wheels.mjs';

let cache: string;

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'cache-'));
});

const silent = () => {};
const complete = async (_root: string, folder: string) => writeFileSync(join(folder, 'tfjs_binding.node'), 'addon');

test('builds once', async () => {
  let builds = 0;
  const build = async (root: string, folder: string) => {
    builds++;
    await complete(root, folder);
  };
  await buildEngine(ROOT, cache, silent, build);
  await buildEngine(ROOT, cache, silent, build);
  expect(builds).toBe(1);
  expect(existsSync(join(engineFolder(ROOT, cache), 'tfjs_binding.node'))).toBe(true);
});

test('two set-ups at once build one engine', async () => {
  let builds = 0;
  const build = async (root: string, folder: string) => {
    builds++;
    await new Promise((done) => setTimeout(done, 100));
    await complete(root, folder);
  };
  await Promise.all([buildEngine(ROOT, cache, silent, build), buildEngine(ROOT, cache, silent, build)]);
  expect(builds).toBe(1);
});

test('a build that failed leaves nothing and is done again', async () => {
  const failing = async (_root: string, folder: string) => {
    writeFileSync(join(folder, 'half'), '');
    throw new Error('compiler died');
  };
  await expect(buildEngine(ROOT, cache, silent, failing)).rejects.toThrow('compiler died');
  expect(readdirSync(join(cache, 'engine'))).toEqual([]);
  await buildEngine(ROOT, cache, silent, complete);
  expect(existsSync(engineFolder(ROOT, cache))).toBe(true);
});

test('what a killed build left is removed', async () => {
  const left = `${engineFolder(ROOT, cache)}.building-1`;
  mkdirSync(left, { recursive: true });
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const killed = { boot, namespace: readlinkSync('/proc/self/ns/pid'), pid: 4_194_999, id: '0'.repeat(16) };
  writeFileSync(`${engineFolder(ROOT, cache)}.lock`, JSON.stringify(killed));
  await buildEngine(ROOT, cache, silent, complete);
  expect(readdirSync(dirname(left))).toHaveLength(1);
});

test("the engine's folder is named by what it is made of, not by where the checkout is", () => {
  const copy = mkdtempSync(join(tmpdir(), 'checkout-'));
  const sources = join('node_modules', '@tensorflow', 'tfjs-node-gpu', 'binding');
  cpSync(join(ROOT, sources), join(copy, sources), { recursive: true });
  const folder = engineFolder(copy, cache);
  expect(folder).toBe(engineFolder(ROOT, cache));
  const libraries = 'glibc2\\.\\d+-glibcxx3\\.4\\.\\d+';
  const name = new RegExp(`^tensorflow-cpu-[0-9.]+-node${process.versions.modules}-${libraries}-[0-9a-f]{12}$`);
  expect(basename(folder)).toMatch(name);
  expect(engineFolder(copy, cache, 'cpu', 'glibc2.31-glibcxx3.4.28')).not.toBe(folder);
  appendFileSync(join(copy, sources, 'tfjs_binding.cc'), '// changed\n');
  expect(engineFolder(copy, cache)).not.toBe(folder);
});

test('the CUDA build has a folder of its own; an older one asks for a new one', async () => {
  const folder = engineFolder(ROOT, cache, 'cuda');
  expect(basename(folder)).toBe(basename(engineFolder(ROOT, cache)).replace('-cpu-', '-cuda-'));
  await buildEngine(ROOT, cache, silent, complete);
  expect([hasEngine(ROOT, cache, 'cuda'), hasOlderEngine(ROOT, cache, 'cuda')]).toEqual([false, false]);
  mkdirSync(`${folder.slice(0, -12)}000000000000.building-1`);
  expect(hasOlderEngine(ROOT, cache, 'cuda')).toBe(false);
  mkdirSync(`${folder.slice(0, -12)}000000000000`);
  expect(hasOlderEngine(ROOT, cache, 'cuda')).toBe(true);
  await buildEngine(ROOT, cache, silent, complete, 'cuda');
  expect([hasEngine(ROOT, cache, 'cuda'), hasOlderEngine(ROOT, cache, 'cuda')]).toEqual([true, false]);
});

test('a file with another checksum is refused', async () => {
  const file = join(cache, 'wheel');
  writeFileSync(file, 'abc');
  const sha256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  await verify(file, sha256);
  await expect(verify(file, sha256.replace('b', 'c'))).rejects.toThrow(/wheel is not the file that was tested/);
});
