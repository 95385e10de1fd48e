import * as tf from '@tensorflow/tfjs-core';
import { DynamicValue } from '../dynamic-value.ts';

const plain = new DynamicValue(false);

/** Whether the engine has this operation of ours where the caller computes. */
export function hasOwnOperation(name: string): boolean {
  return !plain.current && tf.getKernel(name, tf.getBackend()) !== undefined;
}

/** Runs `compute` with TensorFlow's operations only: XLA knows none of ours. */
export function withPlainOperations<T>(compute: () => T): T {
  return plain.during(true, compute);
}
