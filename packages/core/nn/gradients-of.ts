import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Scalar, Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { freeingKept } from './freeing-kept.ts';
import { flattened } from './ops/tensor-list.ts';
import type { Parameters } from './parameters.ts';

export interface Differentiated<Seen extends NamedTensorMap> {
  /** What is differentiated. */
  readonly loss: Scalar;
  /** Tensors met on the way that someone wants to see; they take no part in the gradient. */
  readonly seen: Seen;
}

export interface Gradients<Seen extends NamedTensorMap> extends Differentiated<Seen> {
  /** The gradients of the loss, for each group: with respect to each of its parameters, in their order in the vector. */
  readonly gradients: readonly (readonly Tensor[])[];
}

/** Called, for each differentiated network, with which of its parameters (by their places in its vector) the function does not depend on. */
type GradientListener = (group: Parameters, missing: readonly number[]) => void;

const listeners = new Set<GradientListener>();

/** Tells the listener of all gradients from now on. Returns what ends that. */
export function listenToGradients(listener: GradientListener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** A scalar function of one or several networks and its gradients; the other networks that it uses stay as they are. */
export function gradientsOf<Seen extends NamedTensorMap>(
  groups: readonly Parameters[],
  compute: () => Differentiated<Seen>,
): Gradients<Seen> {
  return freeingKept(() => differentiate(groups, compute));
}

/** Value of a scalar function of one network, and its gradient with respect to the whole vector. */
export function gradientOf(network: Parameters, loss: () => Scalar): { value: Scalar; gradient: Tensor1D } {
  const { loss: value, gradients } = gradientsOf([network], () => ({ loss: loss(), seen: {} }));
  return { value, gradient: flattened(gradients[0]!) };
}

function differentiate<Seen extends NamedTensorMap>(
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
  const given = grads as (Tensor | null)[]; // null where the loss does not depend on a parameter
  const gradients = pieces.map((own, g) => {
    const found = given.splice(0, own.length);
    const missing = found.flatMap((gradient, i) => (gradient ? [] : [i]));
    for (const listener of listeners) listener(groups[g]!, missing);
    return found.map((gradient, i) => gradient ?? tf.zerosLike(own[i]!));
  });
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
