import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';

/** Names of TensorFlow's operations; an engine registers kernels of these names. */
export const STATELESS_NORMAL = 'StatelessRandomNormal';
export const STATELESS_UNIFORM = 'StatelessRandomUniform';

type Name = typeof STATELESS_NORMAL | typeof STATELESS_UNIFORM;

/**
 * Standard normal numbers that follow from `seed` (int32, shape (2)) alone. Inside a compiled step another seed gives other numbers, as
 * the seed is a tensor. (On a backend without such an operation they are drawn in JavaScript: other numbers, as pure, and not compiled.)
 */
export function statelessNormal<T extends Tensor = Tensor>(shape: T['shape'], seed: Tensor1D): T {
  return draw(STATELESS_NORMAL, shape, seed) ?? (tf.randomNormal(shape, 0, 1, 'float32', inJavaScript(seed)) as T);
}

/** Numbers in [0, 1), in the same way. */
export function statelessUniform<T extends Tensor = Tensor>(shape: T['shape'], seed: Tensor1D): T {
  return draw(STATELESS_UNIFORM, shape, seed) ?? (tf.randomUniform(shape, 0, 1, 'float32', inJavaScript(seed)) as T);
}

function draw<T extends Tensor>(name: Name, shape: readonly number[], seed: Tensor1D): T | undefined {
  if (!tf.getKernel(name, tf.getBackend())) return undefined;
  return tf.engine().runKernel<T>(name, { seed }, { shape: [...shape] });
}

function inJavaScript(seed: Tensor1D): number {
  const [high, low] = seed.dataSync<'int32'>();
  return Math.imul(high!, 0x9e3779b9) ^ low!;
}
