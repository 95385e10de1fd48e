import { Fusion } from '@dualprior/blocks';
import type { NdArray } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { nchw, scalar, type GoldenFamily } from '../golden.ts';
import { projection, withWeights } from './cotangent.ts';

interface Config {
  readonly width: number;
  readonly blocks: number;
  readonly normalization: 'none' | 'batch' | 'instance';
}

/** The fused image of `regressed` and `inverted`, and the gradients of mean(image * R). */
export const fusion: GoldenFamily = {
  knows: ({ manifest }) => manifest.config.arch === 'fusion',

  compute(golden) {
    const { width, blocks, normalization } = golden.manifest.config as unknown as Config;
    const network = new Fusion({ width, blocks, normalization, imageChannels: 3 });
    return withWeights(golden, network, (parameters) => {
      const images = [golden.image('regressed'), golden.image('inverted')] as const;
      const loss = (regressed: Tensor, inverted: Tensor, vector: Tensor) =>
        parameters.use(
          () => projection(network.fuse(regressed as Tensor4D, inverted as Tensor4D), golden.image('R')),
          vector as Tensor1D,
        );
      const { value, grads } = tf.valueAndGrads(loss)([...images, parameters.vector]);
      const named = [...parameters.stateDict(grads[2] as Tensor1D)];
      return new Map<string, NdArray>([
        ['output', nchw(parameters.use(() => network.fuse(...images)))],
        ['loss', scalar(value as Scalar)],
        ['grad.regressed', nchw(grads[0]!)],
        ['grad.inverted', nchw(grads[1]!)],
        ...named.map(([name, tensor]): [string, NdArray] => [`grad.${name}`, tensor]),
      ]);
    });
  },
};
