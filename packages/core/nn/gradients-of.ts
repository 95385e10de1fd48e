import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Parameters } from './parameters.ts';

export interface Differentiated<Seen extends NamedTensorMap> {
  /** What is differentiated. */
  readonly loss: Scalar;
  /** Tensors met on the way that someone wants to see; they take no part in the gradient. */
  readonly seen: Seen;
}

export interface Gradients<Seen extends NamedTensorMap> extends Differentiated<Seen> {
  /** Of the loss, for each group: with respect to each of its parameters, in the order in which they lie in the vector. */
  readonly gradients: readonly (readonly Tensor[])[];
}

/** A scalar function of one or several networks and its gradients; the other networks that it uses stay as they are. */
export function gradientsOf<Seen extends NamedTensorMap>(
  groups: readonly Parameters[],
  compute: () => Differentiated<Seen>,
): Gradients<Seen> {
  let kept: Seen | undefined;
  const pieces = groups.map((group) => group.pieces());
  const loss = (): Scalar => {
    const { loss, seen } = using(groups, pieces, compute);
    kept = mapped(seen, (tensor) => tf.keep(tf.clone(tensor))); // the tape frees what the loss does not return
    return loss;
  };
  const all = pieces.flat();
  const { value, grads } = tf.engine().gradients(loss, all, undefined, true);
  // Null where the loss does not depend on a parameter.
  const found = all.map((piece, i) => (grads[i] as Tensor | null) ?? tf.zerosLike(piece));
  const gradients = pieces.map(({ length }) => found.splice(0, length));
  const seen = mapped(kept!, (tensor) => {
    const own = tf.clone(tensor);
    tensor.dispose();
    return own;
  });
  return { loss: value as Scalar, gradients, seen };
}

function using<T>([first, ...rest]: readonly Parameters[], pieces: readonly Tensor[][], compute: () => T): T {
  return first ? first.use(() => using(rest, pieces.slice(1), compute), pieces[0]) : compute();
}

function mapped<Named extends NamedTensorMap>(tensors: Named, change: (tensor: Tensor) => Tensor): Named {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, change(tensor)])) as Named;
}
