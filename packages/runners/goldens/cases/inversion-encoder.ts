import { InversionEncoder } from '@dualprior/blocks';
import type { NdArray } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { nchw, plain, type GoldenFamily } from '../golden.ts';
import { gradients, projection, withWeights } from './cotangent.ts';

interface Config {
  readonly size: number;
  readonly input_size: number;
  readonly resolution: number;
  readonly channels: number;
  readonly latents: number;
  readonly style_dim: number;
  readonly filter_min: number;
  readonly filter_max: number;
}

/** Feature and latents of an image, and the gradients of mean(feature * R1) + mean(latents * R2). */
export const inversionEncoder: GoldenFamily = {
  knows: ({ manifest }) => manifest.config.arch === 'inversion encoder',

  compute(golden) {
    const config = golden.manifest.config as unknown as Config;
    const network = new InversionEncoder({
      size: config.size,
      inputSize: config.input_size,
      resolution: config.resolution,
      featureChannels: config.channels,
      latents: config.latents,
      styleWidth: config.style_dim,
      filterMin: config.filter_min,
      filterMax: config.filter_max,
    });
    return withWeights(golden, network, (parameters) => {
      const image = golden.image('input');
      const loss = (x: Tensor4D): Scalar => {
        const { feature, latents } = network.encode(x);
        const ofLatents = tf.mean<Scalar>(tf.mul(latents, golden.tensor('R2')));
        return tf.add(projection(feature, golden.image('R1')), ofLatents);
      };
      const { feature, latents } = parameters.use(() => network.encode(image));
      return new Map<string, NdArray>([
        ['feature', nchw(feature)],
        ['latents', plain(latents)],
        ...gradients(parameters, image, loss, { loss: 'loss', gradient: 'grad' }),
      ]);
    });
  },
};
