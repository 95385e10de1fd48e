import { existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { CUDA_LIBRARIES } from '../../packages/core/engine/gpu/cuda-libraries.mjs';
import { installCudaLibraries } from './cuda-libraries.mjs';
import { machineCuda } from './machine-cuda.mjs';
import { CUDA_WHEELS, type Wheel } from './wheels.mjs';

let root: string;
let machine: { root: string; env: NodeJS.ProcessEnv; loader: () => string[] };

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'root-'));
  machine = { root, env: {}, loader: () => [] };
});

function put(...parts: string[]): string {
  const file = join(root, ...parts);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, parts.at(-1)!);
  return file;
}

/** A toolkit as NVIDIA's installer leaves it. */
function toolkit(release: 12 | 13, compiler = true): string {
  const folder = join('usr', 'local', release === 12 ? 'cuda-12.9' : 'cuda-13.0');
  for (const { name, cuda13, folder: part } of CUDA_LIBRARIES) {
    const wanted = release === 13 ? cuda13 : name;
    if (!wanted || part === 'cudnn' || part === 'nccl') continue;
    if (part === 'cuda_cupti') put(folder, 'extras', 'CUPTI', 'lib64', wanted);
    else put(folder, 'lib64', wanted);
  }
  if (compiler) {
    put(folder, 'bin', 'ptxas');
    put(folder, 'nvvm', 'libdevice', 'libdevice.10.bc');
  }
  return join(root, folder);
}

function cudnn(): string {
  for (const name of ['libcudnn.so.9', 'libcudnn_graph.so.9', 'libcudnn_ops.so.9', 'libcudnn.so']) {
    put('usr', 'lib', 'x86_64-linux-gnu', name);
  }
  return join(root, 'usr', 'lib', 'x86_64-linux-gnu');
}

function driver(release: string): void {
  put('proc', 'driver', 'nvidia', 'version');
  writeFileSync(join(root, 'proc/driver/nvidia/version'), `NVRM: NVIDIA x86_64 Kernel Module  ${release}  Tue\n`);
}

describe("the machine's CUDA", () => {
  test('CUDA 12 under its own names', () => {
    const [cuda, system] = [toolkit(12), cudnn()];
    expect(machineCuda(machine)).toEqual({
      release: 12,
      links: expect.objectContaining({
        'cuda_runtime/lib/libcudart.so.12': join(cuda, 'lib64', 'libcudart.so.12'),
        'cublas/lib/libcublas.so.12': join(cuda, 'lib64', 'libcublas.so.12'),
        'cuda_cupti/lib/libcupti.so.12': join(cuda, 'extras', 'CUPTI', 'lib64', 'libcupti.so.12'),
        'cudnn/lib/libcudnn.so.9': join(system, 'libcudnn.so.9'),
        'cudnn/lib/libcudnn_graph.so.9': join(system, 'libcudnn_graph.so.9'),
        'cuda_nvcc/bin/ptxas': join(cuda, 'bin', 'ptxas'),
      }),
      wheels: [],
    });
  });

  test('CUDA 13 under the names of CUDA 12, with the run time of CUDA 12, where the driver is new enough', () => {
    const cuda = toolkit(13);
    cudnn();
    expect(machineCuda(machine)).toHaveProperty('missing');
    driver('570.86.15');
    expect(machineCuda(machine)).toHaveProperty('missing');
    driver('580.65.06');
    expect(machineCuda(machine)).toEqual({
      release: 13,
      links: expect.objectContaining({
        'cublas/lib/libcublas.so.12': join(cuda, 'lib64', 'libcublas.so.13'),
        'cusolver/lib/libcusolver.so.11': join(cuda, 'lib64', 'libcusolver.so.12'),
        'nvjitlink/lib/libnvJitLink.so.12': join(cuda, 'lib64', 'libnvJitLink.so.13'),
      }),
      wheels: ['cuda_runtime'],
    });
  });

  test('never libraries of two releases together', () => {
    const [cuda12] = [toolkit(12), toolkit(13), cudnn(), driver('580.65.06')];
    const found = machineCuda(machine);
    if (found.missing) throw new Error(found.missing.join());
    const toolkits = Object.values(found.links).filter((file) => file.includes('/usr/local/'));
    expect(toolkits.every((file) => file.startsWith(cuda12))).toBe(true);
  });

  test('a cluster that names its folders in the environment', () => {
    const cuda = toolkit(12, false);
    machine.env = { LD_LIBRARY_PATH: `${join(cuda, 'lib64')}:${cudnn()}` };
    expect(machineCuda(machine)).toMatchObject({ release: 12, wheels: ['cuda_nvcc'] });
  });

  test('says what is missing', () => {
    toolkit(12);
    expect(machineCuda(machine)).toEqual({ missing: ['libcudnn.so.9'] });
  });
});

describe('installed', () => {
  const cache = () => join(root, 'cache');
  let unpacked: string[];

  /** A wheel with one file. */
  async function unpack(wheel: Wheel): Promise<string> {
    unpacked.push(wheel.requirement);
    const folder = join(root, 'wheels', wheel.file);
    mkdirSync(join(folder, 'nvidia', wheel.requirement, 'lib'), { recursive: true });
    writeFileSync(join(folder, 'nvidia', wheel.requirement, 'lib', 'a.so'), wheel.file);
    return folder;
  }
  const install = (source: 'auto' | 'machine' | 'wheels' | 'none') =>
    installCudaLibraries({ cache: cache(), log: () => {}, source, machine, unpack });

  beforeEach(() => {
    unpacked = [];
    mkdirSync(join(cache(), 'engine'), { recursive: true });
  });

  test('wheels where the machine has no CUDA, once', async () => {
    expect(await install('auto')).toMatch(/wheels/);
    const all = Object.values(CUDA_WHEELS).map(({ requirement }) => requirement);
    expect(unpacked).toEqual(all);
    await install('wheels');
    expect(unpacked).toEqual(all);
    const file = join(cache(), 'engine', 'cuda', 'nvidia', all[2]!, 'lib', 'a.so');
    expect(readFileSync(file, 'utf8')).toBe(Object.values(CUDA_WHEELS)[2]!.file);
  });

  test('links where it has one, and turns to wheels and back when asked', async () => {
    const cuda = toolkit(13);
    driver('580.65.06');
    cudnn();
    const link = join(cache(), 'engine', 'cuda', 'nvidia', 'cublas', 'lib', 'libcublas.so.12');
    expect(await install('auto')).toBe('CUDA 13 of this machine');
    expect(unpacked).toEqual([CUDA_WHEELS['cuda_runtime']!.requirement]);
    expect(readlinkSync(link)).toBe(join(cuda, 'lib64', 'libcublas.so.13'));
    await install('wheels');
    expect(existsSync(link)).toBe(false);
    await install('none');
    expect(existsSync(link)).toBe(false);
    await install('machine');
    expect(existsSync(link)).toBe(true);
  });

  test('the machine is asked for and lacks libraries', async () => {
    await expect(install('machine')).rejects.toThrow(/lacks libcudart\.so\.12, .*libcudnn\.so\.9.*\n.*--cuda wheels/);
  });
});
