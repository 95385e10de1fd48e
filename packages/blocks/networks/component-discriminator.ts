import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Network } from './network.ts';

/** What a discriminator of a part of the face finds in images of that part. */
export interface ComponentJudgement {
  /** A logit for each place, (N, h, w, 1): high where it looks real. */
  readonly logits: Tensor4D;
  /** Earlier layers' outputs (NHWC), shallow to deep, whose Gram matrices are the part's style. */
  readonly features: readonly [Tensor4D, Tensor4D];
}

/** A network that tells real images of a part of the face from generated ones. */
export interface ComponentDiscriminator extends Network {
  /** Judges images (N, H, W, 3) in [-1, 1], of any size from 4 pixels. */
  judge(image: Tensor4D): ComponentJudgement;
}

export function isComponentDiscriminator(network: Network): network is ComponentDiscriminator {
  return 'judge' in network;
}
