import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { StoredWeight } from '../trunks/stored-weights.ts';

const require = createRequire(import.meta.url);

interface Manifest {
  readonly paths: readonly string[];
  readonly weights: readonly StoredWeight[];
}

/** The weights of the recognition network that the npm package @vladmandic/face-api carries (MIT), and how to read their bytes. Its own code is not loaded. */
export function packagedRecognition(): { readonly weights: readonly StoredWeight[]; readonly bytes: () => Uint8Array } {
  const folder = join(dirname(require.resolve('@vladmandic/face-api')), '..', 'model');
  const manifest = join(folder, 'face_recognition_model-weights_manifest.json');
  const [{ paths, weights }] = JSON.parse(readFileSync(manifest, 'utf8')) as [Manifest];
  return { weights, bytes: () => Buffer.concat(paths.map((path) => readFileSync(join(folder, path)))) };
}
