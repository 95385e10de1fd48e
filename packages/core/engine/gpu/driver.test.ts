import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../cache.mjs';
import { engineFolder } from '../location.mjs';
import type { CudaAddon, DriverAnswer } from './cuda-addon.ts';
import { findGpu } from './driver.ts';
import { kernelModule } from './kernel-module.mjs';

const GPU = { name: 'NVIDIA H100 80GB HBM3', bytes: 85_899_345_920, capability: '9.0' };
const NO_LIBRARY = { missing: 'libcuda.so.1: cannot open shared object file: No such file or directory' };

const answering = (answer: DriverAnswer): CudaAddon => ({ open: () => null, devices: () => answer });

/** A machine, with the kernel module of a driver or without. */
function machine(release?: string, env: NodeJS.ProcessEnv = {}) {
  const root = mkdtempSync(join(tmpdir(), 'root-'));
  const folder = join(root, 'proc', 'driver', 'nvidia');
  mkdirSync(folder, { recursive: true });
  const line = `NVRM version: NVIDIA UNIX x86_64 Kernel Module  ${release}  Tue May  6 2025\n`;
  if (release !== undefined) writeFileSync(join(folder, 'version'), line);
  return { root, env };
}

test("reads the release of the kernel module, of NVIDIA's open one too", () => {
  expect(kernelModule(machine('580.65.06').root)).toBe('580.65.06');
  const { root } = machine('1');
  const file = join(root, 'proc', 'driver', 'nvidia', 'version');
  writeFileSync(file, 'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  575.57.08  Release Build\n');
  expect(kernelModule(root)).toBe('575.57.08');
  expect(kernelModule(machine().root)).toBeUndefined();
});

test('takes one GPU: the first that the user names, else the first there is', () => {
  const addon = answering({ version: 13_000, devices: [GPU, { ...GPU, name: 'another' }] });
  for (const [chosen, taken] of [
    [undefined, '0'],
    ['2,3', '2'],
    ['GPU-5ebe9f43, GPU-ac33420d', 'GPU-5ebe9f43'],
  ]) {
    const env: NodeJS.ProcessEnv = chosen === undefined ? {} : { CUDA_VISIBLE_DEVICES: chosen };
    expect(findGpu(addon, machine('580.65.06', env))).toEqual({ gpu: GPU, cuda: 13_000 });
    expect(env['CUDA_VISIBLE_DEVICES']).toBe(taken);
  }
});

describe('says what is missing and what to do', () => {
  test.each<[string, DriverAnswer, string | undefined, RegExp, RegExp, boolean]>([
    ['no driver', NO_LIBRARY, undefined, /has no NVIDIA driver/, /Install NVIDIA's driver, 525 or newer.*--gpu/, true],
    ['no library', NO_LIBRARY, '580.65.06', /580\.65\.06 runs, but.*cannot open shared/, /--gpus all.*libcuda1/, false],
    ['no device', { failed: 'no device', code: 100 }, '580.65.06', /finds no GPU$/, /--gres=gpu:1/, false],
    ['an empty list', { version: 13_000, devices: [] }, '580.65.06', /finds no GPU$/, /--gres=gpu:1/, false],
    ['an old driver', { version: 11_040, devices: [GPU] }, '470.1', /supports CUDA 11\.4.*needs 12\.0/, /525/, false],
    ['no module', { failed: 'unknown error', code: 999 }, undefined, /999.*not loaded/, /modprobe nvidia/, false],
    ['an update', { failed: 'mismatch', code: 803 }, '580.65.06', /mismatch \(CUDA error 803\)/, /restart it/, false],
    ['a stub', { failed: 'stub', code: 34 }, undefined, /stub \(CUDA error 34\)/, /Install NVIDIA's driver/, false],
  ])('%s', (_, answer, release, problem, remedy, expected) => {
    const found = findGpu(answering(answer), machine(release));
    expect(found).toEqual({
      problem: expect.stringMatching(problem),
      remedy: expect.stringMatching(remedy),
      ...(expected ? { expected } : {}),
    });
  });

  test.each(['', '-1'])('a GPU that is hidden with "%s"', (chosen) => {
    const found = findGpu(
      answering({ version: 13_000, devices: [GPU] }),
      machine('580', { CUDA_VISIBLE_DEVICES: chosen }),
    );
    expect(found).toMatchObject({ problem: expect.stringMatching(/hides every GPU/), expected: true });
  });

  test('a GPU that was named and is not there', () => {
    const env = { CUDA_VISIBLE_DEVICES: '7' };
    expect(findGpu(answering({ failed: 'no device', code: 100 }), machine('580', env))).toMatchObject({
      problem: "NVIDIA's driver finds no GPU with CUDA_VISIBLE_DEVICES=7",
    });
  });
});

describe('the addon', () => {
  const root = fileURLToPath(new URL('../../../../', import.meta.url));
  const addon = createRequire(import.meta.url)(join(engineFolder(root, cacheFolder()), 'cuda.node')) as CudaAddon;

  /** A driver in a library of its own: `init` is what cuInit returns. */
  function driver(init: number): string {
    const folder = mkdtempSync(join(tmpdir(), 'driver-'));
    writeFileSync(
      join(folder, 'driver.cc'),
      `#include <cstring>
       extern "C" {
       int cuInit(unsigned) { return ${init}; }
       int cuDriverGetVersion(int* version) { *version = 12080; return 0; }
       int cuDeviceGetCount(int* count) { *count = 2; return 0; }
       int cuDeviceGet(int* device, int i) { *device = i; return 0; }
       int cuDeviceGetName(char* name, int length, int device) { strncpy(name, device ? "second" : "first", length); return 0; }
       int cuDeviceTotalMem_v2(size_t* bytes, int device) { *bytes = (device + 1) * (size_t(1) << 33); return 0; }
       int cuDeviceGetAttribute(int* value, int attribute, int) { *value = attribute == 75 ? 8 : 6; return 0; }
       int cuGetErrorString(int, const char** text) { *text = "told by the driver"; return 0; }
       }`,
    );
    const library = join(folder, `libdriver-${init}.so`);
    expect(spawnSync('g++', ['-shared', '-fPIC', '-o', library, join(folder, 'driver.cc')]).status).toBe(0);
    return library;
  }

  test('lists the GPUs of a driver', () => {
    expect(addon.devices(driver(0))).toEqual({
      version: 12_080,
      devices: [
        { name: 'first', bytes: 2 ** 33, capability: '8.6' },
        { name: 'second', bytes: 2 ** 34, capability: '8.6' },
      ],
    });
  });

  test('tells why a driver does not work', () => {
    expect(addon.devices(driver(999))).toEqual({ failed: 'told by the driver', code: 999 });
    expect(addon.devices('libnone.so.1')).toEqual({ missing: expect.stringMatching(/libnone\.so\.1: cannot open/) });
    expect(addon.devices('libm.so.6')).toEqual({ missing: expect.stringMatching(/not a driver's library/) });
  });

  test('a library that was opened by its path is found by its name', () => {
    const folder = mkdtempSync(join(tmpdir(), 'library-'));
    writeFileSync(join(folder, 'library.cc'), 'int answer() { return 42; }');
    const library = join(folder, 'libopened.so.12');
    const soname = '-Wl,-soname,libdualprior-test.so.12';
    spawnSync('g++', ['-shared', '-fPIC', soname, '-o', library, join(folder, 'library.cc')]);
    expect(addon.open('libdualprior-test.so.12')).toMatch(/cannot open shared object file/);
    expect(addon.open(library)).toBeNull();
    expect(addon.open('libdualprior-test.so.12')).toBeNull();
  });
});
