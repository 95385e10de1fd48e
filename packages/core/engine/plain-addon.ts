import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from './cache.mjs';
import { engineFolder } from './location.mjs';

const require = createRequire(import.meta.url);

/**
 * A module of ours in C++ that needs no TensorFlow, so that any thread may load it: `native/NAME.cc`. Undefined where the engine is not built, or
 * where it does not load here: it only makes things faster; results are the same.
 */
export function plainAddon(name: string): unknown {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const file = join(engineFolder(root, cacheFolder()), `${name}.node`);
  if (!existsSync(file)) return undefined;
  try {
    return require(file);
  } catch {
    return undefined;
  }
}
