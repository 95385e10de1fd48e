import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Build } from '../location.mjs';
import type { CudaAddon, Gpu } from './cuda-addon.ts';
import { findGpu, type Machine } from './driver.ts';
import { openLibraries } from './open-libraries.ts';
import { isUnavailable, type Unavailable } from './unavailable.ts';

const require = createRequire(import.meta.url);

/** Where the engines of this checkout are, or would be. */
export type Engines = Readonly<Record<Build, string>>;

/** The GPU that this machine's engine can use, or why there is none. Its libraries are open then. */
export function usableGpu(
  engines: Engines,
  addon: CudaAddon = require(join(engines.cpu, 'cuda.node')) as CudaAddon,
  machine?: Machine,
): Gpu | Unavailable {
  const found = findGpu(addon, machine);
  if (isUnavailable(found)) return found;
  if (!existsSync(engines.cuda)) {
    return {
      problem: `TensorFlow's CUDA build for ${found.gpu.name} is not set up (${engines.cuda} is missing)`,
      remedy: 'Run `npm run setup -- --gpu`: it downloads up to 3.3 GB, once per user.',
    };
  }
  return openLibraries(addon, engines.cuda) ?? found.gpu;
}
