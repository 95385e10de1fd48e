import type { Image } from '@dualprior/blocks';
import type { StateDict } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Golden } from '../golden.ts';

/** A stored 8-bit image (H, W, 3). */
export function eightBit(golden: Golden, tensor: string): Image {
  const { shape, values } = golden.array(tensor);
  return { width: shape[1]!, height: shape[0]!, data: Uint8Array.from(values as Uint8Array) };
}

/** The same as (1, H, W, 3) in [0, 1]. */
export function unitImage(golden: Golden, tensor: string): Tensor4D {
  const { width, height, data } = eightBit(golden, tensor);
  return tf.div(tf.tensor4d(Float32Array.from(data), [1, height, width, 3]), 255);
}

/** The tensors whose names match. */
export function named(state: StateDict, pattern: RegExp): StateDict {
  return new Map([...state].filter(([name]) => pattern.test(name)));
}
