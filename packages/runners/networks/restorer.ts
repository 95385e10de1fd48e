import { isRestorer, type Restorer } from '@dualprior/blocks';
import { UserError } from '@dualprior/core';
import type { TrainedNetwork } from './trained-network.ts';

export type TrainedRestorer = TrainedNetwork<Restorer>;

/** Errors: the network is not one that restores images (a discriminator, say). */
export function asRestorer(network: TrainedNetwork): TrainedRestorer {
  if (isRestorer(network.module)) return network as TrainedRestorer;
  throw new UserError(`The network "${network.reference}" does not restore images, so it cannot stand here.`);
}
