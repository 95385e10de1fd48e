import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** The parts of tfjs's engine that are private to TypeScript. */
interface Keeper {
  keep<T extends Tensor>(tensor: T): T;
  readonly state: { readonly gradientDepth: number; activeTape: unknown };
}

/**
 * Runs `compute`. Where that fails, what was kept meanwhile is freed: the tensors that the tape of a gradient holds, which TensorFlow.js
 * frees only after a gradient that succeeds.
 */
export function freeingKept<T>(compute: () => T): T {
  const engine = tf.engine() as unknown as Keeper;
  const { keep } = engine;
  const kept: Tensor[] = [];
  engine.keep = (tensor) => {
    kept.push(tensor);
    return keep.call(engine, tensor) as typeof tensor;
  };
  try {
    return compute();
  } catch (error) {
    for (const tensor of kept) tensor.dispose(); // those that are disposed of already stay so
    if (engine.state.gradientDepth === 0) engine.state.activeTape = null;
    throw error;
  } finally {
    engine.keep = keep;
  }
}
