import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap } from '@tensorflow/tfjs-core';
import type { Differentiated } from '@dualprior/core';
import type { NetworkInTraining, NetworksInTraining } from './network-in-training.ts';
import type { Phase } from './training-plan.ts';

/** Phases that are one step: the first one and those that join it. */
export type Update<Given extends NamedTensorMap> = readonly Phase<Given>[];

/** The updates that these phases are, in their order. */
export function updatesOf<Given extends NamedTensorMap>(due: readonly Phase<Given>[]): Update<Given>[] {
  const updates: Phase<Given>[][] = [];
  for (const phase of due) {
    if (phase.joins) updates.at(-1)!.push(phase);
    else updates.push([phase]);
  }
  return updates;
}

/** The networks that take the step. */
export function learnersOf<Given extends NamedTensorMap>(
  [first]: Update<Given>,
  networks: NetworksInTraining,
): NetworkInTraining[] {
  return first!.trains.map((role) => networks[role]!);
}

/** The sum of the losses of the phases. */
export function sumOf<Given extends NamedTensorMap>(
  update: Update<Given>,
  given: Given,
): Differentiated<NamedTensorMap> {
  const parts = update.map((phase) => {
    const { loss, seen } = phase.loss(given);
    return { loss, seen: { ...(phase.curve !== undefined && { [phase.curve]: loss }), ...seen } };
  });
  const loss = parts.map((part) => part.loss).reduce((sum, each) => tf.add(sum, each));
  return { loss, seen: Object.assign({}, ...parts.map(({ seen }) => seen)) as NamedTensorMap };
}

/** Runs `compute` while these networks have their numbers. */
export function using<T>(networks: readonly NetworkInTraining[], compute: () => T): T {
  return networks.reduce<() => T>(
    (inner, { parameters }) =>
      () =>
        parameters.use(inner),
    compute,
  )();
}
