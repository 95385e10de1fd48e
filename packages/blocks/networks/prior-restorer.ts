import type { StateDict } from '@dualprior/core/nn';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Noise } from './generator.ts';
import type { Network, Restoration, Restorer } from './network.ts';

/** What of a generator's state dict a restorer begins with. */
export interface PriorWeights {
  /** By the restorer's own names and in its layouts. */
  readonly state: StateDict;
  /** Names of the generator's tensors that have no place in the restorer. */
  readonly unused: readonly string[];
}

/** A restorer of images of one size that is built around a generator, and starts from the weights of a trained one. */
export interface PriorRestorer extends Restorer {
  /** Height and width of its images. */
  readonly size: number;
  /** @param noise default: the stored one */
  restore(degraded: Tensor4D, noise?: Noise): Restoration;
  /** What of a StyleGAN2 generator's state dict (rosinality's names) it begins with. Errors: `UserError` where the two do not fit. */
  fromPrior(generator: StateDict): PriorWeights;
}

export function isPriorRestorer(network: Network): network is PriorRestorer {
  return 'restore' in network && 'fromPrior' in network;
}
