import type { Module, StateDict } from '@dualprior/core';
import type { KerasModel } from './model.ts';

/** The 8-bit weights of a model as numbers, those that the module has. `bytes`: all weights in the order of the manifest. */
export function kerasWeights({ weightsManifest }: KerasModel, bytes: Uint8Array, module: Module): StateDict {
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
