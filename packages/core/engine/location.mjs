import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemLibraries } from './system-libraries.mjs';

/** The release of TensorFlow that the engine runs on. */
export const TENSORFLOW_VERSION = '2.21.0';

/** Our own C++, compiled into the addon. */
export const NATIVE = fileURLToPath(new URL('native/', import.meta.url));

/** How the addons are compiled. */
export const COMPILER_FLAGS = [
  ...['-O2', '-std=c++17', '-fPIC', '-shared', '-DNAPI_VERSION=8'],
  ...['-fvisibility=hidden', '-fstack-protector-strong', '-U_FORTIFY_SOURCE', '-D_FORTIFY_SOURCE=2'],
  '-Wl,-z,relro,-z,now',
];

/** What the compiler warns of in our own sources. */
export const WARNINGS = ['-Wall', '-Wextra', '-Wshadow'];

/** What the operations of ours are compiled with besides: loops over vectors, with the same digits on every processor. */
export const OPERATION_FLAGS = ['-O3', '-ffp-contract=off', '-fno-math-errno'];

/**
 * Where the engine is in a per-user cache, built on TensorFlow's build for `cpu` or for `cuda`: named by that, the versions of TensorFlow,
 * of Node's ABI and of the C and C++ libraries, and by what the addons are compiled from and how.
 */
export function engineFolder(root, cache, build = 'cpu', libraries = systemLibraries()) {
  const hash = createHash('sha256').update([...COMPILER_FLAGS, ...OPERATION_FLAGS].join(' '));
  for (const folder of [join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu', 'binding'), NATIVE]) {
    for (const source of filesIn(folder)) hash.update(readFileSync(source));
  }
  const node = `node${process.versions.modules}`;
  const parts = ['tensorflow', build, TENSORFLOW_VERSION, node, libraries, hash.digest('hex').slice(0, 12)];
  return join(cache, 'engine', parts.join('-'));
}

function filesIn(folder) {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}
