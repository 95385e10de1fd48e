import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Network } from './network.ts';

/** A network that joins two images of the same scene: x_R, right in structure, and x_G, sharp. All NHWC in [0, 1], results not clipped. */
export interface Fuser extends Network {
  fuse(regressed: Tensor4D, inverted: Tensor4D): Tensor4D;
}

export function isFuser(network: Network): network is Fuser {
  return 'fuse' in network;
}
