import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Network } from './network.ts';

/** Where an image lies in a generator: a feature map and the latents of the layers above it. */
export interface Inversion {
  /** f, (N, resolution, resolution, featureChannels): it enters the generator as `Entry.feature`. */
  readonly feature: Tensor4D;
  /** Offsets from the generator's mean latent, (N, latents, styleWidth), of the latents that are still used above f, lowest first. */
  readonly latents: Tensor3D;
}

/** A network that inverts images (NHWC, [-1, 1]) through a generator. */
export interface Encoder extends Network {
  /** Height and width of the images it takes. */
  readonly size: number;
  /** Height and width of f. */
  readonly resolution: number;
  readonly featureChannels: number;
  /** Count of latents that it predicts. */
  readonly latents: number;
  readonly styleWidth: number;
  encode(image: Tensor4D): Inversion;
}

export function isEncoder(network: Network): network is Encoder {
  return 'encode' in network && 'featureChannels' in network;
}

/** A network that inverts images (NHWC, [-1, 1]) into latents alone, for all layers of a generator. */
export interface LatentEncoder extends Network {
  /** Offsets from the generator's mean latent, (N, latents, styleWidth), lowest first. */
  predict(image: Tensor4D): Tensor3D;
}

export function isLatentEncoder(network: Network): network is LatentEncoder {
  return 'predict' in network;
}

/** A network that inverts images (NHWC, [-1, 1]) into the feature map alone that enters a generator. */
export interface FeatureEncoder extends Network {
  /** f, (N, resolution, resolution, channels). */
  predictFeature(image: Tensor4D): Tensor4D;
}

export function isFeatureEncoder(network: Network): network is FeatureEncoder {
  return 'predictFeature' in network;
}
