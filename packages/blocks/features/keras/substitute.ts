import type { Module, StateDict } from '@dualprior/core';
import { SharedTrunk, type Purpose } from '../trunks/shared-trunk.ts';
import { describePackagedModel, packagedWeights, type PackagedModel } from './packaged-model.ts';
import { kerasTrunk } from './trunk.ts';
import type { KerasModel } from './model.ts';

/**
 * A classifier of the npm package nsfwjs (MIT) in place of an official extractor: trained to filter content, not on ImageNet,
 * with weights of 8 bits. It takes images as they are, at their own resolution.
 */
export abstract class Substitute extends SharedTrunk {
  readonly substitute = true;
  readonly identity: string;

  constructor(type: string, model: PackagedModel, purpose: Purpose) {
    const description = describePackagedModel(model);
    super(kerasTrunk(type, description), purpose, type, async () => {
      const module = kerasTrunk(type, description);
      return { module, state: kerasWeights(description, packagedWeights(model), module) };
    });
    this.identity = type;
  }
}

/** The 8-bit weights of a model as numbers, those that the module has. `bytes`: all weights in the order of the manifest. */
function kerasWeights({ weightsManifest }: KerasModel, bytes: Uint8Array, module: Module): StateDict {
  const wanted = module.parameters();
  const state: StateDict = new Map();
  let start = 0;
  for (const { name, shape, quantization } of weightsManifest.flatMap(({ weights }) => weights)) {
    const size = shape.reduce((product, length) => product * length, 1);
    const stored = bytes.subarray(start, (start += size));
    if (wanted.has(name)) state.set(name, { shape, values: numbersOf(stored, quantization) });
  }
  return state;
}

function numbersOf(stored: Uint8Array, { scale, min }: { readonly scale: number; readonly min: number }): Float32Array {
  const numbers = Float32Array.from({ length: 256 }, (_, q) => q * scale + min);
  const values = new Float32Array(stored.length);
  for (let i = 0; i < values.length; i++) values[i] = numbers[stored[i]!]!;
  return values;
}
