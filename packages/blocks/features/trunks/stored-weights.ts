import type { Module, StateDict } from '@dualprior/core';

/** A weight as TensorFlow.js stores it: as float32 or, where `quantization` says so, in 8 bits (value = scale * stored + min). */
export interface StoredWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly quantization?: { readonly min: number; readonly scale: number; readonly dtype: 'uint8' };
}

/**
 * The weights that a module has, of those that a manifest lists.
 * @param bytes all weights one after the other, in the order of the manifest
 */
export function storedWeights(weights: readonly StoredWeight[], bytes: Uint8Array, module: Module): StateDict {
  const wanted = module.parameters();
  const state: StateDict = new Map();
  let start = 0;
  for (const { name, shape, quantization } of weights) {
    const size = shape.reduce((product, length) => product * length, quantization ? 1 : FLOAT);
    const stored = bytes.subarray(start, (start += size));
    if (wanted.has(name))
      state.set(name, { shape, values: quantization ? dequantized(stored, quantization) : floats(stored) });
  }
  return state;
}

/** Bytes of a float32. */
const FLOAT = 4;

function floats(stored: Uint8Array): Float32Array {
  return new Float32Array(Uint8Array.from(stored).buffer);
}

function dequantized(
  stored: Uint8Array,
  { scale, min }: { readonly scale: number; readonly min: number },
): Float32Array {
  const numbers = Float32Array.from({ length: 256 }, (_, q) => q * scale + min);
  const values = new Float32Array(stored.length);
  for (let i = 0; i < values.length; i++) values[i] = numbers[stored[i]!]!;
  return values;
}
