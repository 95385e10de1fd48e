import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { KerasModel } from './model.ts';

const require = createRequire(import.meta.url);

/** Folder of the models in the npm package nsfwjs, and the files there that hold the weights. */
const SHARDS = { mobilenet_v2: 1, inception_v3: 6 } as const;

export type PackagedModel = keyof typeof SHARDS;

/** The description of a model that the npm package nsfwjs carries. */
export function describePackagedModel(model: PackagedModel): KerasModel {
  return require(placeOf(model, 'model.min.js')) as KerasModel;
}

/** The weights of such a model one after the other, as its manifest lists them. */
export function packagedWeights(model: PackagedModel): Uint8Array {
  const count = SHARDS[model];
  const shards = Array.from({ length: count }, (_, i) => placeOf(model, `group1-shard${i + 1}of${count}.min.js`));
  return Buffer.concat(shards.map(literalOf));
}

/** The bytes of a module that is one base64 literal. It is read, not run: compiling such a literal takes longer than all the rest. */
function literalOf(file: string): Buffer {
  const text = readFileSync(file, 'latin1');
  const start = text.indexOf(EXPORTS) + EXPORTS.length;
  return Buffer.from(text.slice(start, text.indexOf('"', start)), 'base64');
}

const EXPORTS = 'exports="';

function placeOf(model: PackagedModel, file: string): string {
  const entry = require.resolve(`nsfwjs/models/${model}`); // dist/cjs/models/MODEL.js
  return join(resolve(entry, '../../..'), 'models', model, file);
}
