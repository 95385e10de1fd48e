import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { KerasModel } from './model.ts';

const require = createRequire(import.meta.url);

/** Folder of the models in the npm package nsfwjs, and the files there that hold the weights. */
const SHARDS = { mobilenet_v2: 1, inception_v3: 6 } as const;

export type PackagedModel = keyof typeof SHARDS;

/** The description of a model that the npm package nsfwjs carries. Its own code is not loaded. */
export function describePackagedModel(model: PackagedModel): KerasModel {
  return load(model, 'model.min.js') as KerasModel;
}

/** The weights of such a model one after the other, as its manifest lists them. */
export function packagedWeights(model: PackagedModel): Uint8Array {
  const count = SHARDS[model];
  const shards = Array.from({ length: count }, (_, i) => load(model, `group1-shard${i + 1}of${count}.min.js`));
  return Buffer.concat(shards.map((text) => Buffer.from(text as string, 'base64')));
}

function load(model: PackagedModel, file: string): unknown {
  const entry = require.resolve(`nsfwjs/models/${model}`); // dist/cjs/models/MODEL.js
  return require(join(resolve(entry, '../../..'), 'models', model, file)) as unknown;
}
