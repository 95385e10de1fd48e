import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from './cache.mjs';
import type { Engine } from './engine.ts';
import { engineFolder } from './location.mjs';

const require = createRequire(import.meta.url);

/** The module `native/memory.cc`. */
interface DeviceMemory {
  peakBytes(): number | null;
}

/**
 * Greatest sum of what TensorFlow had allocated for tensors on the GPU so far, in bytes, without what CUDA itself takes; null where it
 * computes on the CPU.
 */
export function devicePeakBytes({ device }: Pick<Engine, 'device'>): number | null {
  if (device === 'cpu') return null;
  const folder = engineFolder(fileURLToPath(new URL('../../../', import.meta.url)), cacheFolder(), 'cuda');
  return (require(join(folder, 'memory.node')) as DeviceMemory).peakBytes();
}
