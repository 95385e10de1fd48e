import { GfpGan } from '@dualprior/blocks';
import type { NdArray } from '@dualprior/core';
import { nchw, plain, type Golden, type GoldenFamily } from '../golden.ts';
import { withWeights } from './cotangent.ts';

interface Config {
  readonly arch: 'GFPGANv1Clean' | 'GFPGANv1';
  readonly out_size: 64;
  readonly num_style_feat: number;
  readonly channel_multiplier: number;
  readonly num_mlp: number;
  readonly lr_mlp?: number;
  readonly input_is_latent: boolean;
  readonly different_w: boolean;
  readonly narrow: number;
  readonly sft_half: boolean;
}

/** Cases of both releases of GFP-GAN: image, the U-Net's images, and style code. */
export const gfpgan: GoldenFamily = {
  knows: ({ manifest }) => ['GFPGANv1Clean', 'GFPGANv1'].includes(String(manifest.config.arch)),

  compute(golden) {
    const network = new GfpGan(gfpganOptions(golden));
    return withWeights(golden, network, (parameters) => {
      const { image, pyramid, styleCode } = parameters.use(() => network.forward(golden.image('input')));
      return new Map<string, NdArray>([
        ['output', nchw(image)],
        ['style_code', plain(styleCode)],
        ...pyramid.map((level): [string, NdArray] => [`rgb_${level.shape[1]}`, nchw(level)]),
      ]);
    });
  },
};

export function gfpganOptions({ manifest }: Golden): ConstructorParameters<typeof GfpGan>[0] {
  const config = manifest.config as unknown as Config;
  const isClean = config.arch === 'GFPGANv1Clean';
  return {
    architecture: isClean ? 'clean' : 'original',
    size: config.out_size,
    channelMultiplier: config.channel_multiplier,
    maxChannels: 512,
    narrow: config.narrow,
    styleWidth: config.num_style_feat,
    mappingLayers: config.num_mlp,
    ...(!isClean && config.lr_mlp !== undefined && { mappingRate: config.lr_mlp }),
    inputIsLatent: config.input_is_latent,
    differentW: config.different_w,
    sftHalf: config.sft_half,
    fixDecoder: true,
  };
}
