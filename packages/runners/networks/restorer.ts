import { isRestorer, type Restorer } from '@dualprior/blocks/nn';
import { UserError } from '@dualprior/core/nn';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { TrainedNetwork } from './trained-network.ts';

/** A network that restores images, with its numbers. */
export interface TrainedRestorer<T extends Restorer = Restorer> extends TrainedNetwork<T> {
  /** Restored images of degraded ones (NHWC, [0, 1], not clipped), by its numbers or those of another vector (an average). */
  restore(degraded: Tensor4D, numbers?: Tensor1D): Tensor4D;
}

/** Errors: the network is not one that restores images (a discriminator, say). */
export function asRestorer(network: TrainedNetwork): TrainedRestorer {
  if (isRestorer(network.module)) return withRestore(network as TrainedNetwork<Restorer>);
  throw new UserError(`The network "${network.reference}" does not restore images, so it cannot stand here.`);
}

/** The network as it is, and `restore`. */
export function withRestore<T extends Restorer>(network: TrainedNetwork<T>): TrainedRestorer<T> {
  const own: Pick<TrainedRestorer, 'restore'> = {
    restore: (degraded, numbers) =>
      network.parameters.use(() => network.module.restore(degraded).image, numbers ?? network.parameters.vector),
  };
  return Object.assign(Object.create(network) as TrainedNetwork<T>, own);
}
