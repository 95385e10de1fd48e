import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';

// Provisional: rewritten by the set-up work.
const require = createRequire(import.meta.url);

export interface Engine {
  readonly device: 'cpu' | 'gpu';
  readonly library: string;
}

let loaded: Engine | undefined;

export function loadEngine(): Engine {
  if (loaded) return loaded;
  const binding = require(join(homedir(), '.cache/dualprior/engine/dev/tfjs_binding.node'));
  const { NodeJSKernelBackend } = require('@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js');
  require('@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js');
  tf.registerBackend('tensorflow', () => new NodeJSKernelBackend(binding, 'tfjs-node-gpu'), 3);
  tf.setBackend('tensorflow');
  return (loaded = { device: 'cpu', library: `TensorFlow ${binding.TF_Version}` });
}
