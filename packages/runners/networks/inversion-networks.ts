import { isEncoder, isFuser, type Encoder, type Fuser } from '@dualprior/blocks/nn';
import { UserError } from '@dualprior/core/nn';
import type { TrainedNetwork } from './trained-network.ts';

export type TrainedEncoder = TrainedNetwork<Encoder>;
export type TrainedFuser = TrainedNetwork<Fuser>;

/** Errors: the network is not one that inverts images. */
export function asEncoder(network: TrainedNetwork): TrainedEncoder {
  if (isEncoder(network.module)) return network as TrainedEncoder;
  throw new UserError(`The network "${network.reference}" does not invert images, so it cannot be the encoder.`);
}

/** Errors: the network is not one that joins two images. */
export function asFuser(network: TrainedNetwork): TrainedFuser {
  if (isFuser(network.module)) return network as TrainedFuser;
  throw new UserError(`The network "${network.reference}" does not join two images, so it cannot be the fusion.`);
}
