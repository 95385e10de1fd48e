import type { Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Network } from './network.ts';

/**
 * Where the noise of each layer comes from: `'stored'` (the network's own buffers), a seed (int32, shape (2)) from which a stateless
 * operation draws it, so that a compiled step draws other noise for another seed, or the images themselves, one for each layer from
 * the lowest resolution up, each (N or 1, H, W, 1).
 */
export type Noise = 'stored' | Tensor1D | readonly Tensor4D[];

/** A feature map with which the synthesis begins, in place of what the layers below would have made. */
interface Entry {
  /** Height and width of the feature. */
  readonly resolution: number;
  /**
   * (N, resolution, resolution, `featureChannels(resolution)`). It replaces the output of the up-sampling layer that first reaches the
   * resolution (at 4: the learned constant); the second layer there and all above run as usual (BDInvert, Kang et al. 2021).
   */
  readonly feature: Tensor4D;
}

export interface SynthesisOptions {
  /** Default `'stored'`. */
  readonly noise?: Noise;
  /** Default: from the learned constant. */
  readonly from?: Entry;
}

/** A network that makes images (NHWC, [-1, 1], not clipped) from latents. */
export interface Generator extends Network {
  /** Height and width of its images. */
  readonly size: number;
  /** Width D of z and w. */
  readonly styleWidth: number;
  /** Count of latents that W+ has. */
  readonly latents: number;
  /** w (N, D) of z (N, D), the mapping network. */
  map(z: Tensor2D): Tensor2D;
  /** Images (N, size, size, 3) of w, one for all layers (N, D) or one for each latent (N, latents, D). */
  synthesize(w: Tensor2D | Tensor3D, options?: SynthesisOptions): Tensor4D;
  /** The mean of w, (1, D), as the network's buffer holds it (zeros until it is filled). */
  meanLatent(): Tensor2D;
  /** Heights at which a feature can enter. */
  readonly resolutions: readonly number[];
  /** Channels of a feature with which the synthesis can begin. Errors: `UserError` for a resolution that it lacks. */
  featureChannels(resolution: number): number;
  /** Index of the first latent that is still used if a feature of this resolution enters. Errors: as above. */
  firstLatent(resolution: number): number;
}

export function isGenerator(network: Network): network is Generator {
  return 'synthesize' in network && 'map' in network;
}
