import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { usableGpu, type Engines } from './choose.ts';
import type { CudaAddon } from './cuda-addon.ts';
import { CUDA_LIBRARIES } from './cuda-libraries.mjs';
import { prepareEnvironment } from '../engine.ts';

const GPU = { name: 'NVIDIA H100', bytes: 2 ** 36, capability: '9.0' };

let engines: Engines;
let opened: string[];

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'engines-'));
  engines = { cpu: join(folder, 'cpu'), cuda: join(folder, 'cuda') };
  opened = [];
});

/** A machine with a GPU, and with libraries of which these do not open. */
function addon(...closed: string[]): CudaAddon {
  return {
    devices: () => ({ version: 13_000, devices: [GPU] }),
    open(library) {
      opened.push(library);
      return closed.some((name) => library.endsWith(name)) ? `${library}: no such file` : null;
    },
  };
}

const usable = (cuda: CudaAddon) => usableGpu(engines, cuda, { root: '/nowhere', env: {} });

function install(folder: string, name: string): string {
  const file = join(engines.cuda, 'nvidia', folder, 'lib', name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, '');
  return file;
}

test('without the CUDA build it says how to get it', () => {
  expect(usable(addon())).toEqual({
    problem: expect.stringMatching(/CUDA build for NVIDIA H100 is not set up/),
    remedy: expect.stringMatching(/npm run setup -- --gpu/),
  });
  expect(opened).toEqual([]);
});

test("opens the engine's own libraries, else the machine's, in order", () => {
  const cublas = install('cublas', 'libcublas.so.12');
  expect(usable(addon())).toBe(GPU);
  expect(opened).toEqual(CUDA_LIBRARIES.map(({ name }) => (name === 'libcublas.so.12' ? cublas : name)));
});

test('names every library that does not open', () => {
  mkdirSync(engines.cuda);
  expect(usable(addon('libcublas.so.12', 'libcudnn.so.9'))).toEqual({
    problem: "TensorFlow's CUDA build cannot open libcublas.so.12, libcudnn.so.9 (libcublas.so.12: no such file)",
    remedy: expect.stringMatching(/--gpu --cuda wheels/),
  });
});

test('does without NCCL', () => {
  mkdirSync(engines.cuda);
  expect(usable(addon('libnccl.so.2'))).toBe(GPU);
});

test("sets TensorFlow's environment, and leaves what the user set", () => {
  mkdirSync(join(engines.cuda, 'nvidia', 'cuda_nvcc'), { recursive: true });
  const data = `--xla_gpu_cuda_data_dir=${join(engines.cuda, 'nvidia', 'cuda_nvcc')}`;
  const env = (before: NodeJS.ProcessEnv) => {
    prepareEnvironment(engines.cuda, before);
    return before;
  };
  expect(env({})).toEqual({ TF_FORCE_GPU_ALLOW_GROWTH: 'true', XLA_FLAGS: data });
  expect(env({ XLA_FLAGS: '--a' })['XLA_FLAGS']).toBe(`--a ${data}`);
  const own = { TF_FORCE_GPU_ALLOW_GROWTH: 'false', XLA_FLAGS: '--xla_gpu_cuda_data_dir=/opt' };
  expect(env({ ...own })).toEqual(own);
});
