import { listeningToCalls, type Parameters } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';

/** What of a step is not finite first, computed operation by operation; for people. */
export function firstNotFinite(parameters: Parameters, loss: () => Scalar): string {
  return findNotFinite(parameters, loss) ?? 'the loss and its gradient are finite, but the updated weights are not';
}

/** The parts of a step of several networks, in their order: where, whose numbers, and a loss of them. */
export type Look = readonly [where: string, parameters: Parameters, loss: () => Scalar];

/** The same of the first part of a step in which something is not finite. */
export function firstNotFiniteIn(looks: readonly Look[]): string {
  for (const [where, parameters, loss] of looks) {
    const found = findNotFinite(parameters, loss);
    if (found !== undefined) return `in ${where}, ${found}`;
  }
  return 'all losses and their gradients are finite, but the updated weights are not';
}

/** What of a loss and its gradient is not finite first; undefined where all is. */
function findNotFinite(parameters: Parameters, loss: () => Scalar): string | undefined {
  let first: string | undefined;
  const listener = (path: string, result: unknown) => {
    if (first === undefined && !tensorsOf(result).every(isFinite)) first = path;
  };
  return tf.tidy(() => {
    const { value, gradient } = listeningToCalls(listener, () => parameters.gradient(loss));
    if (first !== undefined) return `\`${first === '' ? 'the network' : first}\` returns numbers that are not finite`;
    if (!isFinite(value)) return `the loss is ${value.dataSync()[0]!}`;
    for (const [name, { values }] of parameters.stateDict(gradient)) {
      if (!values.every(Number.isFinite)) return `the gradient of \`${name}\` holds numbers that are not finite`;
    }
    return undefined;
  });
}

function isFinite(tensor: Tensor): boolean {
  return tf.tidy(() => tf.all(tf.isFinite(tensor)).dataSync()[0] === 1);
}

function tensorsOf(result: unknown): Tensor[] {
  if (result instanceof tf.Tensor) return [result];
  return typeof result === 'object' && result !== null ? Object.values(result).flatMap(tensorsOf) : [];
}
