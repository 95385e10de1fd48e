import { GradualStyleBlock } from '@dualprior/blocks';
import type { NdArray, StateDict } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { plain, type Golden, type GoldenFamily } from '../golden.ts';
import { gradients, withWeights } from './cotangent.ts';

interface Config {
  readonly blocks: readonly { readonly in_c: number; readonly out_c: number; readonly spatial: number }[];
}

/** pSp's map2style blocks: latents of features, and the gradients of mean(latents * R). */
export const pspBlock: GoldenFamily = {
  knows: ({ manifest }) => manifest.config.arch === 'pSp GradualStyleBlock',

  compute(golden) {
    const { blocks } = golden.manifest.config as unknown as Config;
    const weights = golden.weights();
    return new Map(
      blocks.flatMap(({ in_c, out_c, spatial }, i) => {
        const block = new GradualStyleBlock(in_c, out_c, spatial);
        return [...computeBlock(golden, `block${i}`, block, below(weights, `block${i}.`))];
      }),
    );
  },
};

function computeBlock(golden: Golden, name: string, block: GradualStyleBlock, weights: StateDict) {
  const [feature, cotangent] = [golden.image(`${name}.input`), golden.tensor<Tensor2D>(`${name}.R`)];
  const loss = (x: Tensor4D) => tf.mean<Scalar>(tf.mul(block.forward(x), cotangent));
  return withWeights(
    golden,
    block,
    (parameters) =>
      new Map<string, NdArray>([
        [`${name}.output`, plain(parameters.use(() => block.forward(feature)))],
        ...gradients(parameters, feature, loss, { loss: `${name}.loss`, gradient: `${name}.grad` }),
      ]),
    weights,
  );
}

function below(state: StateDict, prefix: string): StateDict {
  const own = [...state].filter(([name]) => name.startsWith(prefix));
  return new Map(own.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}
