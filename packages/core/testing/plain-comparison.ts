import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { withPlainOperations } from '../nn/ops/own-operation.ts';

export type Computation = (...inputs: Tensor[]) => Tensor[];

/** What makes of a computation its derivatives by all inputs, for tests of operations of our own. */
export const DERIVATIVES: [name: string, derivative: (compute: Computation) => Computation][] = [
  ['the values', (compute) => compute],
  ['the gradients', gradients],
  ['the second derivatives', (compute) => gradients(gradients(compute))],
];

/** Those of the sum of the squares of all results. */
function gradients(compute: Computation): Computation {
  const sum = (...inputs: Tensor[]) => tf.addN(compute(...inputs).map((y) => tf.sum(tf.square(y))));
  return (...inputs) => tf.grads(sum)(inputs);
}

/** Largest difference between the results with our operations and with TensorFlow's, relative to each result's largest number. */
export function differenceFromPlain(compute: Computation, inputs: readonly Tensor[]): number {
  return tf.tidy(() => {
    const own = compute(...inputs);
    const plain = withPlainOperations(() => compute(...inputs));
    const differences = own.map((y, i) => largest(tf.sub(y, plain[i]!)) / Math.max(1, largest(plain[i]!)));
    return Math.max(...differences);
  });
}

function largest(tensor: Tensor): number {
  return tf.max(tf.abs(tensor)).dataSync()[0]!;
}
