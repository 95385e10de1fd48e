import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The release of TensorFlow that the engine runs on. */
export const TENSORFLOW_VERSION = '2.21.0';

/** Our own C++, compiled into the addon. */
export const NATIVE = fileURLToPath(new URL('native/', import.meta.url));

/** How the addon is compiled. */
export const COMPILER_FLAGS = ['-O2', '-std=c++17', '-fPIC', '-shared', '-DNAPI_VERSION=8'];

/** What the operations of ours are compiled with besides: loops over vectors, with the same digits on every processor. */
export const OPERATION_FLAGS = ['-O3', '-ffp-contract=off', '-fno-math-errno'];

/**
 * Where the engine is in a per-user cache, built on TensorFlow's build for `cpu` or for `cuda`: named by that, TensorFlow version,
 * Node's ABI, and what the addon is compiled from and how.
 */
export function engineFolder(root, cache, build = 'cpu') {
  const hash = createHash('sha256').update([...COMPILER_FLAGS, ...OPERATION_FLAGS].join(' '));
  for (const folder of [join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu', 'binding'), NATIVE]) {
    for (const source of filesIn(folder)) hash.update(readFileSync(source));
  }
  const key = `tensorflow-${build}-${TENSORFLOW_VERSION}-node${process.versions.modules}-${hash.digest('hex').slice(0, 12)}`;
  return join(cache, 'engine', key);
}

function filesIn(folder) {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}
