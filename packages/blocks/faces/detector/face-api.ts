import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { compileFunction } from 'node:vm';
import { loadEngine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type * as faceApi from '@vladmandic/face-api';

type FaceApi = typeof faceApi;

const require = createRequire(import.meta.url);

let loaded: FaceApi | undefined;

/**
 * The npm package @vladmandic/face-api, on the engine of this process. Its build for Node asks for `@tensorflow/tfjs-node`, a TensorFlow of its own; it is given
 * tfjs, which computes with the backend that is set.
 */
export function loadFaceApi(): FaceApi {
  loadEngine();
  return (loaded ??= evaluated(require.resolve('@vladmandic/face-api')));
}

/** A network of the package that can be given weights. Its types declare a tfjs of their own. */
interface Weighed {
  loadFromWeightMap(weights: never): void;
}

/** Gives a network of the package the weights of this name that it carries (MIT). */
export function withItsWeights<N extends Weighed>(network: N, name: string): N {
  const folder = join(dirname(require.resolve('@vladmandic/face-api')), '..', 'model');
  const manifest = JSON.parse(readFileSync(join(folder, `${name}-weights_manifest.json`), 'utf8')) as [Manifest];
  const [{ paths, weights }] = manifest;
  const bytes = Uint8Array.from(Buffer.concat(paths.map((path) => readFileSync(join(folder, path)))));
  network.loadFromWeightMap(tf.io.decodeWeights(bytes.buffer, weights) as never);
  return network;
}

interface Manifest {
  readonly paths: readonly string[];
  readonly weights: tf.io.WeightsManifestEntry[];
}

function evaluated(file: string): FaceApi {
  const module = { exports: {} };
  const given = (name: string): unknown => require(name === '@tensorflow/tfjs-node' ? '@tensorflow/tfjs' : name);
  const run = compileFunction(readFileSync(file, 'utf8'), ['module', 'exports', 'require'], { filename: file });
  (run as (...of: unknown[]) => void)(module, module.exports, given);
  return module.exports as FaceApi;
}
