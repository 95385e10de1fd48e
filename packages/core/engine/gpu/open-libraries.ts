import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CudaAddon } from './cuda-addon.ts';
import { CUDA_LIBRARIES } from './cuda-libraries.mjs';
import type { Unavailable } from './unavailable.ts';

/**
 * Opens the CUDA libraries before TensorFlow asks for them: those that the set-up put into the engine's folder, else the
 * machine's. TensorFlow alone would tell about a missing one in its log only. Returns what keeps it from the GPU, if anything does.
 */
export function openLibraries(addon: CudaAddon, engine: string): Unavailable | undefined {
  const closed = CUDA_LIBRARIES.map(({ name, folder, needed }) => {
    const own = join(engine, 'nvidia', folder, 'lib', name);
    const why = addon.open(existsSync(own) ? own : name);
    return { name, why: needed ? why : null };
  }).filter(({ why }) => why !== null);
  if (closed.length === 0) return undefined;
  const names = closed.map(({ name }) => name).join(', ');
  return {
    problem: `TensorFlow's CUDA build cannot open ${names} (${closed[0]!.why})`,
    remedy: 'Run `npm run setup -- --gpu --cuda wheels`: it downloads them.',
  };
}
