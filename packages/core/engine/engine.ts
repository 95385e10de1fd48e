import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs-core';
import { counted } from '../log/counted.ts';
import { UserError } from '../errors/user-error.ts';
import { setParts } from '../nn/in-parallel.ts';
import { registerSmoothGradients } from '../nn/ops/smooth-gradients.ts';
import { cacheFolder } from './cache.mjs';
import { CompiledStep, type Accept, type CompileOptions, type Step, type StepResults } from './compile/compile.ts';
import type { GraphAddon } from './compile/graph.ts';
import { prepareCpu } from './cpu.mjs';
import { usableGpu, type Engines } from './gpu/choose.ts';
import type { Gpu } from './gpu/cuda-addon.ts';
import { kernelModule } from './gpu/kernel-module.mjs';
import { isUnavailable, type Unavailable } from './gpu/unavailable.ts';
import { engineFolder, type Build } from './location.mjs';
import { registerNativeKernels } from './native-kernels.ts';
import { registerOwnOperations } from './own-operations.ts';
import { lacksAvx } from './processor.mjs';
import { recordOperations, type OperationRecorder, type OperationTime } from './profile.ts';
import { quietly, type StandardError } from './quietly.ts';
import { keepXlaFunctions, xlaMachine } from './xla-cache.ts';
import util from 'node:util';

const require = createRequire(import.meta.url);

/** The environment variable that says on how many threads TensorFlow computes an operation. */
const THREADS = 'TF_NUM_INTRAOP_THREADS';

export type Device = 'cpu' | 'gpu';

/** What the addon offers that we use beside its kernels. */
interface Binding {
  readonly TF_Version: string;
  getNumOfTensors(): number;
  isUsingGpuDevice(): boolean;
}

/** The loaded TensorFlow library with its device. One a process. */
export class Engine {
  constructor(
    readonly device: Device,
    readonly binding: Binding,
    private readonly graph: GraphAddon,
    private readonly folder: string,
    /** What it computes on, where that is a GPU. */
    readonly gpu?: Gpu,
    /** Why it does not compute on the GPU that this machine seems to have, and what to do: for a user who asked for `auto`. */
    readonly advice?: string,
    /** Why XLA compiles again at each start, where it does: for a user of XLA. */
    readonly xlaNote?: string,
  ) {}

  /** Version of the TensorFlow library, e.g. `2.21.0`. */
  get version(): string {
    return this.binding.TF_Version;
  }

  /** How many threads an operation is computed on where it is on a CPU. Sums are split among them, so the last digits depend on their number. */
  get threads(): number {
    return threadsOfCpu();
  }

  /** For display: `CPU (2 cores) · TensorFlow 2.21.0`, `NVIDIA H100 80GB HBM3 (79 GiB) · TensorFlow 2.21.0`. */
  describe(): string {
    const cores = availableParallelism();
    const device = this.gpu
      ? `${this.gpu.name} (${Math.round(this.gpu.bytes / 2 ** 30)} GiB)`
      : `CPU (${this.threads === cores ? '' : `${counted(this.threads, 'thread')} on `}${counted(cores, 'core')})`;
    return `${device} · TensorFlow ${this.version}`;
  }

  /** A step that runs as one TensorFlow function. It is traced when it runs first. */
  compile<Arguments extends readonly tf.Tensor[], Results extends StepResults>(
    step: Step<Arguments, Results>,
    options: Omit<CompileOptions, 'optimize'> = {},
    accept?: Accept<Results>,
  ): CompiledStep<Arguments, Results> {
    return new CompiledStep(this.graph, step, { ...options, optimize: this.device === 'gpu' }, accept);
  }

  /** What TensorFlow does in `compute`, operation by operation, where that runs compiled steps. */
  profile(compute: () => void): OperationTime[] {
    return recordOperations(require(join(this.folder, 'profile.node')) as OperationRecorder, compute);
  }

  /** Count of tensors that TensorFlow holds: equal before and after a step that makes no garbage. */
  tensors(): number {
    return this.binding.getNumOfTensors();
  }
}

let engine: Engine | undefined;

/**
 * Loads TensorFlow and makes it the backend of tfjs. `auto` takes a GPU where one can be used; after the first call it is what is loaded.
 * Errors: `UserError` for `gpu` where none can be used, with what is missing and how to get it; the engine was not built; the processor has no
 * AVX; this is not the process's main thread; this process computes on another device, or on another number of threads, already.
 * @param threads of a CPU; default: what `TF_NUM_INTRAOP_THREADS` says, else one a core
 */
export function loadEngine(device: 'auto' | Device = 'auto', threads?: number): Engine {
  if (!engine) prepareThreads(threads);
  engine ??= choose(device);
  if (threads !== undefined && threads !== engine.threads) {
    throw new UserError(
      `This process computes on ${counted(engine.threads, 'thread')} already: ${threads} need a process of their own.`,
    );
  }
  if (device === 'auto' || device === engine.device) return engine;
  if (engine.advice !== undefined) throw notAvailable(engine.advice);
  const gpu = device === 'gpu' ? usableGpu(engines()) : undefined;
  if (gpu && isUnavailable(gpu)) throw notAvailable(tell(gpu));
  throw new UserError(`This process computes on the ${engine.device} already: "${device}" needs a process of its own.`);
}

function threadsOfCpu(): number {
  return Number(process.env[THREADS]);
}

/** TensorFlow takes their number from the environment when it is loaded. */
function prepareThreads(threads: number | undefined): void {
  const given = Number(process.env[THREADS]);
  process.env[THREADS] = String(threads ?? (given >= 1 ? Math.floor(given) : availableParallelism()));
}

function choose(device: 'auto' | Device): Engine {
  checkPlace();
  const forced = process.env['DUALPRIOR_ENGINE'] === 'cuda'; // to test TensorFlow's CUDA build on a CPU
  if (forced) process.env['CUDA_VISIBLE_DEVICES'] = '-1';
  if (device === 'cpu' || forced) return load(forced ? 'cuda' : 'cpu');
  findEngine('cpu'); // it carries what asks the driver
  const gpu = usableGpu(engines());
  if (!isUnavailable(gpu)) return load('cuda', gpu);
  if (device === 'gpu') throw notAvailable(tell(gpu));
  return load('cpu', undefined, gpu.expected ? undefined : tell(gpu));
}

function tell({ problem, remedy }: Unavailable): string {
  return `${problem}.\n  ${remedy}`;
}

function notAvailable(why: string): UserError {
  return new UserError(`Device "gpu" is not available: ${why}\n  The CPU is: --device cpu.`);
}

/** Errors: TensorFlow would end the process. */
function checkPlace(): void {
  if (!isMainThread) {
    throw new UserError(
      'TensorFlow runs in the main thread of a process only, and this is a worker thread.\n' +
        '  Compute with tensors in the main thread, or in a process of its own (node:child_process).',
    );
  }
  if (lacksAvx()) {
    throw new UserError(
      "TensorFlow needs a processor with AVX, which this machine's does not have (see the flags in /proc/cpuinfo).\n" +
        '  A virtual machine may hide it: let it have the features of its host. Else take another machine.',
    );
  }
}

function load(build: Build, gpu?: Gpu, advice?: string): Engine {
  polyfillNode();
  prepareCpu();
  const xlaNote = keepXlaFunctions(xlaMachine(gpu && { ...gpu, driver: kernelModule() }));
  const folder = findEngine(build);
  if (build === 'cuda') prepareEnvironment(folder);
  const { binding, graph } = loadAddons(folder);
  // The parts of tfjs-node that depend on the addon; its index would look for a downloaded library instead.
  const { NodeJSKernelBackend } = require('@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js') as {
    NodeJSKernelBackend: new (binding: Binding, packageName: string) => tf.KernelBackend;
  };
  require('@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js');
  tf.registerBackend('tensorflow', () => new NodeJSKernelBackend(binding, 'tfjs-node-gpu'), 3);
  void tf.setBackend('tensorflow');
  const isGpu = gpu !== undefined && binding.isUsingGpuDevice();
  registerNativeKernels({ isGpu });
  if (!isGpu) registerOwnOperations('tensorflow');
  setParts(isGpu ? 1 : threadsOfCpu());
  registerSmoothGradients();
  tf.enableProdMode(); // no checks of each op's arguments by tfjs; TensorFlow has its own
  if (isGpu) return new Engine('gpu', binding, graph, folder, gpu, undefined, xlaNote);
  if (gpu) {
    advice =
      `TensorFlow does not take ${gpu.name}, of compute capability ${gpu.capability} (it needs 6.0 or more).\n` +
      '  `TF_CPP_MIN_LOG_LEVEL=0` before the same command shows all that it says about it.';
  }
  return new Engine('cpu', binding, graph, folder, undefined, advice, xlaNote);
}

/** Errors: the engine's files do not fit this machine or are damaged. */
function loadAddons(folder: string): { binding: Binding; graph: GraphAddon } {
  try {
    const standardError = require(join(folder, 'standard_error.node')) as StandardError;
    const binding = quietly(standardError, () => require(join(folder, 'tfjs_binding.node')) as Binding);
    require(join(folder, 'operations.node'));
    return { binding, graph: require(join(folder, 'graph.node')) as GraphAddon };
  } catch (error) {
    throw new UserError(
      `The engine in ${folder} does not load: ${(error as Error).message}\n` +
        '  Remove that folder and run `npm run setup`: it is built again.',
    );
  }
}

/** The folder of the built engine. Errors: it was not built on this machine. */
function findEngine(build: Build): string {
  const folder = engines()[build];
  if (existsSync(folder)) return folder;
  const command = build === 'cuda' ? 'npm run setup -- --gpu' : 'npm run setup';
  throw new UserError(
    `The engine is not built yet (${folder} is missing). Run \`${command}\`: it takes about a minute.`,
  );
}

function engines(): Engines {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const cache = cacheFolder();
  return { cpu: engineFolder(root, cache, 'cpu'), cuda: engineFolder(root, cache, 'cuda') };
}

/** tfjs-node 4.22 calls functions that Node 22 warns about and Node 23 removed (tensorflow/tfjs#8609). */
function polyfillNode(): void {
  const old = util as { isNullOrUndefined?: (value: unknown) => boolean; isArray?: (value: unknown) => boolean };
  old.isNullOrUndefined = (value) => value === null || value === undefined;
  old.isArray = Array.isArray;
}

/**
 * What TensorFlow's CUDA build takes from the environment, where the user did not say otherwise: memory as it is needed instead of
 * the whole card, and where XLA finds `ptxas` and `libdevice`.
 */
export function prepareEnvironment(engine: string, env: NodeJS.ProcessEnv = process.env): void {
  env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
  const cuda = join(engine, 'nvidia', 'cuda_nvcc');
  const flags = env['XLA_FLAGS'] ?? '';
  if (!existsSync(cuda) || flags.includes('--xla_gpu_cuda_data_dir')) return;
  env['XLA_FLAGS'] = `${flags} --xla_gpu_cuda_data_dir=${cuda}`.trim();
}
