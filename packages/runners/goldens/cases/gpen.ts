import { Gpen } from '@dualprior/blocks';
import type { NdArray } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { nchw, plain, type Golden, type GoldenFamily } from '../golden.ts';
import { gradients, projection, withWeights } from './cotangent.ts';

interface Config {
  readonly size: 64;
  readonly style_dim: number;
  readonly n_mlp: number;
  readonly channel_multiplier: number;
  readonly narrow: number;
  readonly isconcat: boolean;
}

/** GPEN in [-1, 1]: its image, the latents on the way, and gradients of mean(image * R). */
export const gpen: GoldenFamily = {
  knows: ({ manifest }) => manifest.config.arch === 'GPEN FullGenerator',

  compute(golden) {
    const network = new Gpen(gpenOptions(golden));
    return withWeights(golden, network, (parameters) => {
      const [image, cotangent] = [golden.image('input'), golden.image('R')];
      const restore = (x: Tensor4D) => {
        const { z, features } = network.encode(x);
        return network.generator.synthesize(network.generator.map(z), features);
      };
      const outputs = parameters.use((): [string, NdArray][] => {
        const { z } = network.encode(image);
        const w = network.generator.map(z);
        const copies = golden.array('latent').shape[1]!;
        return [
          ['output', nchw(restore(image))],
          ['final_linear', plain(z)],
          ['latent', plain(tf.tile(tf.expandDims(w, 1), [1, copies, 1]))],
        ];
      });
      const loss = (x: Tensor4D) => projection(restore(x), cotangent);
      return new Map([...outputs, ...gradients(parameters, image, loss, { loss: 'loss', gradient: 'grad' })]);
    });
  },
};

export function gpenOptions({ manifest }: Golden): ConstructorParameters<typeof Gpen>[0] {
  const config = manifest.config as unknown as Config;
  return {
    size: config.size,
    channelMultiplier: config.channel_multiplier,
    maxChannels: 512,
    styleWidth: config.style_dim,
    mappingLayers: config.n_mlp,
    mappingRate: 0.01,
    narrow: config.narrow,
    isconcat: config.isconcat,
  };
}
