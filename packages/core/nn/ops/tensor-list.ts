import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Tensor, Tensor1D } from '@tensorflow/tfjs-core';

/** All numbers of some tensors, one tensor after the other. */
export function flattened(tensors: readonly Tensor[]): Tensor1D {
  return tf.concat1d(tensors.map((tensor) => tf.reshape<tf.Rank.R1>(tensor, [-1])));
}

/** Tensors by their places, as inputs of a kernel that takes a list. */
export function byIndex(tensors: readonly Tensor[]): NamedTensorMap {
  return Object.fromEntries(tensors.entries());
}
