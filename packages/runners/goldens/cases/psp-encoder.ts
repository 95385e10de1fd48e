import { PspEncoder } from '@dualprior/blocks';
import { type NdArray } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { formulaValues } from '../formula.ts';
import { nchw, plain, type Golden, type GoldenFamily } from '../golden.ts';
import { withWeights } from './cotangent.ts';

interface Config {
  readonly mode: 'ir' | 'ir_se';
  readonly n_styles: number;
  readonly input_nc: number;
  /** Officially 512. */
  readonly style_dim?: number;
  /** Officially 64. */
  readonly width?: number;
}

const CORNER = { channels: 16, side: 4 };

/** Latents of square images of several sizes, and a corner and the mean of the features between: `w_64`, `c1_64_corner`, `c1_64_mean`. */
export const pspEncoder: GoldenFamily = {
  knows: ({ manifest }) => manifest.config.arch === 'pSp GradualStyleEncoder',

  compute(golden) {
    const { mode, n_styles, input_nc, style_dim = 512, width = 64 } = golden.manifest.config as unknown as Config;
    const network = new PspEncoder({ styles: n_styles, styleWidth: style_dim, width, mode, imageChannels: input_nc });
    const sizes = golden.outputs.flatMap((name) => /^w_(\d+)$/.exec(name)?.[1] ?? []);
    return withWeights(golden, network, (parameters) =>
      parameters.use(() => new Map(sizes.flatMap((size) => ofSize(golden, network, size, input_nc)))),
    );
  },
};

function ofSize(golden: Golden, network: PspEncoder, size: string, channels: number): [string, NdArray][] {
  const image = imageOf(golden, Number(size), channels);
  const features = Object.entries(network.features(image)).flatMap(([name, feature]): [string, NdArray][] => [
    [`${name}_${size}_corner`, corner(feature as Tensor4D)],
    [`${name}_${size}_mean`, plain(tf.mean(feature as Tensor4D, [1, 2]))],
  ]);
  return [[`w_${size}`, plain(network.predict(image))], ...features];
}

/** Large images are not stored, only their formula. */
function imageOf(golden: Golden, size: number, channels: number): Tensor4D {
  if (golden.has(`input_${size}`)) return golden.image(`input_${size}`);
  const shape: [number, number, number, number] = [1, channels, size, size];
  const values = formulaValues(`${golden.manifest.key_prefix}input:${golden.name}_${size}`, channels * size ** 2);
  return tf.transpose(tf.tensor4d(Float32Array.from(values), shape), [0, 2, 3, 1]);
}

function corner(feature: Tensor4D): NdArray {
  const [count, height, width, all] = feature.shape;
  const { channels, side } = CORNER;
  const size = [count, Math.min(height, side), Math.min(width, side), Math.min(all, channels)] as const;
  return nchw(tf.slice(feature, 0, [...size]));
}
