import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Scalar, Tensor } from '@tensorflow/tfjs-core';

/** The loss, or NaN where it or a number of the other tensors is not finite. It costs a sum of each of them. */
export function checked(loss: Scalar, others: Iterable<Tensor>): Scalar {
  const nothing = [...others].map((tensor) => tf.mul(tf.sum(tensor), 0)); // 0, or NaN
  return tf.addN([loss, ...nothing] as Scalar[]);
}

/** Whether a training step's results are finite (`finite`, see `checked`): otherwise it must have changed nothing. */
export function isFiniteStep({ finite }: NamedTensorMap): boolean {
  return Number.isFinite(finite!.dataSync()[0]);
}
