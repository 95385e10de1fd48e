import type { Tensor } from '@tensorflow/tfjs-core';

/** A pure function of tensors and variables that runs many times: compiled in Node, operation by operation in a browser. */
export interface Step<Arguments extends readonly Tensor[], Results extends Tensor | readonly Tensor[]> {
  /** The results are the caller's, all else that it makes is freed. */
  run(...values: Arguments): Results;
  dispose(): void;
}
