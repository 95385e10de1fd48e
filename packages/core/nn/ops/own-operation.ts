import * as tf from '@tensorflow/tfjs-core';

let plain = false;

/** Whether the engine has this operation of ours where the caller computes. */
export function hasOwnOperation(name: string): boolean {
  return !plain && tf.getKernel(name, tf.getBackend()) !== undefined;
}

/** Runs `compute` with TensorFlow's operations only: XLA knows none of ours. */
export function withPlainOperations<T>(compute: () => T): T {
  const before = plain;
  plain = true;
  try {
    return compute();
  } finally {
    plain = before;
  }
}
