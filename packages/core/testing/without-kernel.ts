import * as tf from '@tensorflow/tfjs-core';

/** Runs `compute` as if the engine had no kernel of this name: with the operations that any backend has. */
export function withoutKernel<T>(name: string, compute: () => T): T {
  const kernel = tf.getKernel(name, tf.getBackend());
  if (!kernel) throw new Error(`There is no kernel ${name}.`);
  tf.unregisterKernel(name, tf.getBackend());
  try {
    return compute();
  } finally {
    tf.registerKernel(kernel);
  }
}
