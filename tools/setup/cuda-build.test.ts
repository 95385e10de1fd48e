import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { cacheFolder, loadEngine } from '@dualprior/core';
import { engineFolder } from '../../packages/core/engine/location.mjs';
import { buildEngine } from './engine.mjs';
import { ROOT } from './places.mjs';

/**
 * TensorFlow's CUDA build on a CPU, without CUDA's libraries: `DUALPRIOR_TEST_CUDA_BUILD=1 npm test -- tools/setup/cuda-build`. It downloads
 * 572 MB where they are not in the per-user cache yet, so it is not part of the tests otherwise.
 */
const wanted = process.env['DUALPRIOR_TEST_CUDA_BUILD'] === '1' ? test : test.skip;
const MINUTES = 60_000;
jest.setTimeout(30 * MINUTES);

wanted('is set up, loads, and says that it computes on the CPU', async () => {
  await buildEngine(ROOT, cacheFolder(), (line) => void process.stderr.write(`${line}\n`), undefined, 'cuda');
  const folder = engineFolder(ROOT, cacheFolder(), 'cuda');
  expect(existsSync(join(folder, 'tensorflow', 'libtensorflow_cc.so.2'))).toBe(true);
  process.env['DUALPRIOR_ENGINE'] = 'cuda';
  const engine = loadEngine('cpu');
  expect(readFileSync('/proc/self/maps', 'utf8')).toContain(join(folder, 'tensorflow', 'libtensorflow_cc.so.2'));
  expect(engine.device).toBe('cpu');
  expect(engine.describe()).toMatch(/^CPU /);
});

/** The tests of steps, compiled and eager, of every network, loss and optimizer; and a whole experiment. */
wanted('trains as the CPU build does: its tests pass', () => {
  const suites = ['packages/core/engine', 'packages/runners/stages/compiled-step', 'packages/runners/goldens/goldens'];
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--no-warnings',
      join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'),
      '-i',
      ...suites,
    ],
    { cwd: ROOT, encoding: 'utf8', env: { ...process.env, DUALPRIOR_ENGINE: 'cuda' } },
  );
  process.stderr.write(stderr.split('\n').slice(-12).join('\n'));
  expect(stderr).toMatch(/Tests: .* passed/);
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
});
