import { NafNet } from '@dualprior/blocks';
import type { NdArray } from '@dualprior/core';
import { nchw, type Golden, type GoldenFamily } from '../golden.ts';
import { gradients, projection, withWeights } from './cotangent.ts';

const ARCHITECTURES = ['NAFNet', 'NAFNetLocal (TLC)'];

/** Cases `nafnet_*`: tensors `inputX`, `outputX` and, with a cotangent `RX`, `lossX` and gradients, for any suffix X. */
export const nafnet: GoldenFamily = {
  knows: ({ manifest }) => ARCHITECTURES.includes(String(manifest.config.arch)),

  compute(golden) {
    const network = new NafNet(options(golden));
    return withWeights(golden, network, (parameters) => {
      const results = new Map<string, NdArray>();
      for (const suffix of suffixes(golden)) {
        const image = golden.image(`input${suffix}`);
        const restore = (x: typeof image) => network.restore(x).image;
        results.set(`output${suffix}`, nchw(parameters.use(() => restore(image))));
        if (!golden.has(`R${suffix}`)) continue;
        const cotangent = golden.image(`R${suffix}`);
        const names = { loss: `loss${suffix}`, gradient: `grad${suffix}` };
        const found = gradients(parameters, image, (x) => projection(restore(x), cotangent), names);
        found.forEach((array, name) => results.set(name, array));
      }
      return results;
    });
  },
};

function suffixes({ manifest }: Golden): string[] {
  return Object.keys(manifest.tensors).flatMap((name) => /^input(.*)$/.exec(name)?.[1] ?? []);
}

interface Config {
  readonly width: number;
  readonly enc_blk_nums: number[];
  readonly middle_blk_num: number;
  readonly dec_blk_nums: number[];
  readonly img_channel?: number;
  readonly train_size?: [number, number, number, number];
  readonly fast_imp?: boolean;
  readonly DW_Expand?: number;
  readonly FFN_Expand?: number;
}

function options({ manifest }: Golden): ConstructorParameters<typeof NafNet>[0] {
  const config = manifest.config as unknown as Config;
  const local = config.train_size && { trainSize: config.train_size.slice(2), fast: config.fast_imp ?? false };
  return {
    width: config.width,
    encoderBlocks: config.enc_blk_nums,
    middleBlocks: config.middle_blk_num,
    decoderBlocks: config.dec_blk_nums,
    imageChannels: config.img_channel ?? 3,
    depthwiseExpansion: config.DW_Expand ?? 2,
    ffnExpansion: config.FFN_Expand ?? 2,
    ...(local && { local }),
  };
}
