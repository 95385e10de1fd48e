import { upfirdn2d as resample, type NdArray } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { nchw, type GoldenFamily } from '../golden.ts';
import { projection } from './cotangent.ts';

interface Config {
  readonly cases: Readonly<
    Record<string, { readonly up: number; readonly down: number; readonly pad: [number, number] }>
  >;
}

/** Resampled images of each case, and their gradients. */
export const upfirdn2d: GoldenFamily = {
  knows: ({ manifest }) => manifest.config.arch === 'rosinality upfirdn2d',

  compute(golden) {
    const { cases } = golden.manifest.config as unknown as Config;
    return new Map(
      Object.entries(cases).flatMap(([name, resampling]): [string, NdArray][] => {
        const kernel = golden.tensor<Tensor2D>(`${name}.kernel`);
        const [x, cotangent] = [golden.image(`${name}.x`), golden.image(`${name}.R`)];
        const loss = (image: tf.Tensor) => projection(resample(image as Tensor4D, kernel, resampling), cotangent);
        return [
          [`${name}.out`, nchw(resample(x, kernel, resampling))],
          [`${name}.grad.x`, nchw(tf.grad(loss)(x))],
        ];
      }),
    );
  },
};
