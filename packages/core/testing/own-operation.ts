import { expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { loadEngine } from '../engine/engine.ts';
import { withPlainOperations } from '../nn/ops/own-operation.ts';

type Computation = (...inputs: Tensor[]) => Tensor[];

const ORDERS: [name: string, derivative: (compute: Computation) => Computation][] = [
  ['the values', (compute) => compute],
  ['the gradients', gradients],
  ['the second derivatives', (compute) => gradients(gradients(compute))],
];

/** Those of the sum of the squares of all results. */
function gradients(compute: Computation): Computation {
  const sum = (...inputs: Tensor[]) => tf.addN(compute(...inputs).map((y) => tf.sum(tf.square(y))));
  return (...inputs) => tf.grads(sum)(inputs);
}

/** Tests of what calls an operation of our own: it gives what plain operations give, and the same compiled, and so do its derivatives. */
export function testOwnOperation<Inputs extends [Tensor, ...Tensor[]]>(
  compute: (...inputs: Inputs) => Tensor,
  inputs: () => Inputs,
): void {
  const computation = (...xs: Tensor[]) => [compute(...(xs as unknown as Inputs))];

  test.each(ORDERS)('%s of one operation are those of plain operations', (_, derivative) => {
    tf.tidy(() => {
      const derived = derivative(computation);
      const [own, plain] = [derived(...inputs()), withPlainOperations(() => derived(...inputs()))];
      own.forEach((y, i) => expect(difference(y, plain[i]!)).toBeLessThan(1e-5));
    });
  });

  test.each(ORDERS)('%s of a compiled step are the same to the bit', (_, derivative) => {
    tf.tidy(() => {
      const derived = derivative(computation);
      const step = loadEngine().compile(derived);
      const [eager, compiled] = [derived(...inputs()), step.run(...inputs())];
      eager.forEach((y, i) => expect(compiled[i]!.dataSync()).toEqual(y.dataSync()));
      step.dispose();
    });
  });
}

/** The largest, relative to the largest number. */
function difference(actual: Tensor, expected: Tensor): number {
  expect(actual.shape).toEqual(expected.shape);
  return largest(tf.sub(actual, expected)) / Math.max(1, largest(expected));
}

function largest(tensor: Tensor): number {
  return tf.max(tf.abs(tensor)).dataSync()[0]!;
}
