import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Network } from './network.ts';

/** A network that tells real images from generated ones. */
export interface Discriminator extends Network {
  /** Height and width of the images it takes. */
  readonly size: number;
  /** A batch of more images than this must be a multiple of it (minibatch standard deviation); `Infinity`: any batch will do. */
  readonly group: number;
  /** Logits (N, 1) of images (N, size, size, 3) in [-1, 1]: high where they look real. */
  score(image: Tensor4D): Tensor2D;
}

export function isDiscriminator(network: Network): network is Discriminator {
  return 'score' in network;
}
