import { halvedTo, type Loss, type Restorer } from '@dualprior/blocks';
import type { Differentiated } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Tensor4D } from '@tensorflow/tfjs-core';
import { namedTerms } from './loss-terms.ts';
import type { Pair, Phase } from '../training/training-plan.ts';

/** A restorer's step on degraded and sharp images; its role is `network`. */
export function restoration(module: Restorer, loss: Loss): Phase<Pair> {
  return {
    name: 'the restoration',
    trains: ['network'],
    curve: 'loss',
    loss: ({ degraded, sharp }) => restorationLoss(module, loss, degraded, sharp),
  };
}

/** The loss, summed over the network's outputs (smaller ones against a smaller target), and so each of its terms. */
export function restorationLoss(
  module: Restorer,
  loss: Loss,
  degraded: Tensor4D,
  sharp: Tensor4D,
): Differentiated<NamedTensorMap> {
  const { image, auxiliary } = module.restore(degraded);
  const outputs = [...auxiliary, image].map((output) => namedTerms(loss, output, halvedTo(sharp, output.shape[1])));
  return { loss: tf.addN(outputs.map(({ loss }) => loss)), seen: sumByName(outputs.map(({ seen }) => seen)) };
}

function sumByName(all: readonly NamedTensorMap[]): NamedTensorMap {
  const names = Object.keys(all[0]!);
  return Object.fromEntries(names.map((name) => [name, tf.addN(all.map((tensors) => tensors[name]!))]));
}
