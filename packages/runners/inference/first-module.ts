import { listeningToCalls, type Module } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** A module of a network. */
export interface FoundModule {
  readonly network: Module;
  /** Its path there, e.g. `encoders.1.0`; empty for the network itself. */
  readonly path: string;
}

/** Runs `compute` operation by operation, and finds the first module in it whose result is not finite. */
export function firstModule<T>(compute: () => T): { readonly result: T; readonly module: FoundModule | undefined } {
  let module: FoundModule | undefined;
  const result = listeningToCalls((path, returned, network) => {
    if (!module && !tensorsOf(returned).every(isFinite)) module = { network, path };
  }, compute);
  return { result, module };
}

export function isFinite(tensor: Tensor): boolean {
  return tf.tidy(() => tf.all(tf.isFinite(tensor)).dataSync()[0] === 1);
}

function tensorsOf(result: unknown): Tensor[] {
  if (result instanceof tf.Tensor) return [result];
  return typeof result === 'object' && result !== null ? Object.values(result).flatMap(tensorsOf) : [];
}
