import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import type { Parameters } from './parameters.ts';

export interface Differentiated<Seen extends NamedTensorMap> {
  /** What is differentiated. */
  readonly loss: Scalar;
  /** Tensors met on the way that someone wants to see; they take no part in the gradient. */
  readonly seen: Seen;
}

export interface Gradients<Seen extends NamedTensorMap> extends Differentiated<Seen> {
  /** Of the loss, with respect to the vector of each group. */
  readonly gradients: readonly Tensor1D[];
}

/** A scalar function of one or several networks and its gradients; the other networks that it uses stay as they are. */
export function gradientsOf<Seen extends NamedTensorMap>(
  groups: readonly Parameters[],
  compute: () => Differentiated<Seen>,
): Gradients<Seen> {
  let kept: Seen | undefined;
  const loss = (...vectors: Tensor[]): Scalar => {
    const { loss, seen } = using(groups, vectors as Tensor1D[], compute);
    kept = mapped(seen, (tensor) => tf.keep(tf.clone(tensor))); // the tape frees what the loss does not return
    return loss;
  };
  const { value, grads } = tf.valueAndGrads(loss)(groups.map(({ vector }) => vector));
  const seen = mapped(kept!, (tensor) => {
    const own = tf.clone(tensor);
    tensor.dispose();
    return own;
  });
  return { loss: value as Scalar, gradients: grads as Tensor1D[], seen };
}

function using<T>([first, ...rest]: readonly Parameters[], vectors: readonly Tensor1D[], compute: () => T): T {
  return first ? first.use(() => using(rest, vectors.slice(1), compute), vectors[0]) : compute();
}

function mapped<Named extends NamedTensorMap>(tensors: Named, change: (tensor: Tensor) => Tensor): Named {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, change(tensor)])) as Named;
}
