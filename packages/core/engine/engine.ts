import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { UserError } from '../errors/user-error.ts';
import { cacheFolder } from './cache.mjs';
import { CompiledStep, type CompileOptions, type Step, type StepResults } from './compile/compile.ts';
import type { GraphAddon } from './compile/graph.ts';
import { engineFolder, TENSORFLOW_VERSION } from './location.mjs';
import { registerNativeKernels } from './native-kernels.ts';
import { quietly, type StandardError } from './quietly.ts';

const require = createRequire(import.meta.url);

export type Device = 'cpu' | 'gpu';

/** What the addon offers that we use beside its kernels. */
interface Binding {
  readonly TF_Version: string;
  getNumOfTensors(): number;
}

/** The loaded TensorFlow library with its device. One a process. */
export class Engine {
  constructor(
    readonly device: Device,
    readonly binding: Binding,
    private readonly graph: GraphAddon,
  ) {}

  /** Version of the TensorFlow library, e.g. `2.21.0`. */
  get version(): string {
    return this.binding.TF_Version;
  }

  /** For people: `CPU (2 cores) · TensorFlow 2.21.0`. */
  describe(): string {
    return `CPU (${availableParallelism()} cores) · TensorFlow ${this.version}`;
  }

  /** A step that runs as one TensorFlow function. It is traced when it runs first. */
  compile<Arguments extends readonly tf.Tensor[], Results extends StepResults>(
    step: Step<Arguments, Results>,
    options: Omit<CompileOptions, 'optimize'> = {},
  ): CompiledStep<Arguments, Results> {
    return new CompiledStep(this.graph, step, { ...options, optimize: this.device === 'gpu' });
  }

  /** Count of tensors that TensorFlow holds: equal before and after a step that makes no garbage. */
  tensors(): number {
    return this.binding.getNumOfTensors();
  }
}

let engine: Engine | undefined;

/**
 * Loads TensorFlow and makes it the backend of tfjs. `auto` takes the best device there is.
 * Errors: `gpu` where there is none; the engine was not built.
 */
export function loadEngine(device: 'auto' | Device = 'auto'): Engine {
  if (device === 'gpu') {
    throw new UserError(
      'Device "gpu" is not available: TensorFlow\'s CUDA build is not part of this version of dualprior yet.\n' +
        '  Available: cpu (leave --device out, or give --device cpu).',
    );
  }
  return (engine ??= load());
}

function load(): Engine {
  polyfillNode();
  keepXlaFunctions();
  const folder = findEngine();
  const { binding, graph } = loadAddons(folder);
  // The parts of tfjs-node that stand on the addon; its index would look for a downloaded library instead.
  const { NodeJSKernelBackend } = require('@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js') as {
    NodeJSKernelBackend: new (binding: Binding, packageName: string) => tf.KernelBackend;
  };
  require('@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js');
  tf.registerBackend('tensorflow', () => new NodeJSKernelBackend(binding, 'tfjs-node-gpu'), 3);
  void tf.setBackend('tensorflow');
  registerNativeKernels();
  tf.enableProdMode(); // no checks of each op's arguments by tfjs; TensorFlow has its own
  return new Engine('cpu', binding, graph);
}

/** XLA keeps what it compiled in the per-user cache, so that the next start is quick. */
function keepXlaFunctions(): void {
  const folder = join(cacheFolder(), 'xla', TENSORFLOW_VERSION);
  process.env['TF_XLA_FLAGS'] ??= `--tf_xla_persistent_cache_directory=${folder}`;
}

/** Errors: the engine's files do not fit this machine or are damaged. */
function loadAddons(folder: string): { binding: Binding; graph: GraphAddon } {
  try {
    const standardError = require(join(folder, 'standard_error.node')) as StandardError;
    const binding = quietly(standardError, () => require(join(folder, 'tfjs_binding.node')) as Binding);
    return { binding, graph: require(join(folder, 'graph.node')) as GraphAddon };
  } catch (error) {
    throw new UserError(
      `The engine in ${folder} does not load: ${(error as Error).message}\n` +
        '  Remove that folder and run `npm run setup`: it is built again.',
    );
  }
}

/** The folder of the built engine. Errors: it was not built on this machine. */
function findEngine(): string {
  const folder = engineFolder(fileURLToPath(new URL('../../../', import.meta.url)), cacheFolder());
  if (existsSync(folder)) return folder;
  throw new UserError(
    `The engine is not built yet (${folder} is missing). Run \`npm run setup\`: it takes about a minute.`,
  );
}

/** tfjs-node 4.22 calls functions that Node 22 warns about and Node 23 removed (tensorflow/tfjs#8609). */
function polyfillNode(): void {
  const old = util as { isNullOrUndefined?: (value: unknown) => boolean; isArray?: (value: unknown) => boolean };
  old.isNullOrUndefined = (value) => value === null || value === undefined;
  old.isArray = Array.isArray;
}
