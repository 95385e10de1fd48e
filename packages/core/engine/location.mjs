import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The release of TensorFlow that the engine runs on. */
export const TENSORFLOW_VERSION = '2.21.0';

/** Counts up when the way of building changes. */
const RECIPE = 1;

/** Where the built engine is in a per-user cache: named by TensorFlow version, Node's ABI, and what the addon is compiled from. */
export function engineFolder(root, cache) {
  const hash = createHash('sha256').update(String(RECIPE));
  const sources = join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu', 'binding');
  for (const source of readdirSync(sources).sort()) hash.update(readFileSync(join(sources, source)));
  const key = `tensorflow-cpu-${TENSORFLOW_VERSION}-node${process.versions.modules}-${hash.digest('hex').slice(0, 12)}`;
  return join(cache, 'engine', key);
}
