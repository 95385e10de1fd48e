import { Type } from '@sinclair/typebox';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { FeatureEncoder } from './encoder.ts';
import { InversionTrunk, type InversionTrunkOptions } from './inversion/inversion-trunk.ts';
import { readBdInvertEncoder } from './inversion/read.ts';
import { networks } from './network.ts';

const count = (fallback: number, description: string) =>
  Type.Integer({ minimum: 1, maximum: 4096, default: fallback, description });

const Options = Type.Object({
  inputSize: Type.Integer({
    minimum: 8,
    maximum: 2048,
    default: 128,
    description: 'height and width of the images, in pixels: `resolution` times 2, 4, 8, and so on',
  }),
  resolution: Type.Integer({
    minimum: 4,
    maximum: 1024,
    default: 16,
    description: 'height and width of the feature f that enters the generator',
  }),
  featureChannels: count(512, 'channels of f: those of the generator there'),
  filterMin: count(128, 'channels of the first stage; each further one has twice as many'),
  filterMax: count(512, 'most channels of a stage after the first'),
});

/**
 * BDInvert's base-code encoder (Kang et al. 2021; BDInvert_Release:models/stylegan_basecode_encoder.py, encoder_simple), which predicts the
 * feature with which a StyleGAN2 generator begins. `inversion-encoder` is the paper's, which depends on it.
 */
@networks.component({
  type: 'bdinvert-encoder',
  description: 'encoder of an image into a feature of StyleGAN2 (BDInvert, Kang et al. 2021)',
  options: Options,
})
export class BdInvertEncoder extends InversionTrunk implements FeatureEncoder {
  static readonly recognise = readBdInvertEncoder;
  static readonly officialCode = 'https://github.com/kkang831/BDInvert_Release';

  constructor({ featureChannels, ...options }: Omit<InversionTrunkOptions, 'channels'> & { featureChannels: number }) {
    super({ ...options, channels: featureChannels });
  }

  /** f, (N, resolution, resolution, featureChannels), of images (N, inputSize, inputSize, 3) in [-1, 1]. */
  predictFeature(image: Tensor4D): Tensor4D {
    return this.forward(image).feature;
  }
}
