import { gradientOf } from '@dualprior/core';
import { r1Penalty, StyleGan2Discriminator } from '@dualprior/blocks';
import type { NdArray } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { plain, scalar, type GoldenFamily } from '../golden.ts';
import { gradients, withWeights } from './cotangent.ts';
import { stylegan2Options } from './stylegan2-options.ts';

/** Logits of batches of several sizes, the gradients of mean(logits * R), and R1 with its second-order gradients. */
export const stylegan2Discriminator: GoldenFamily = {
  knows: ({ manifest }) => manifest.config.arch === 'rosinality Discriminator',

  compute(golden) {
    const network = new StyleGan2Discriminator(stylegan2Options(golden));
    return withWeights(golden, network, (parameters) => {
      const [image, eight] = [golden.image('input'), golden.image('input_b8')];
      const score = (x: Tensor4D) => network.score(x);
      const logits = (x: Tensor4D) => plain(parameters.use(() => score(x)));
      const cotangent = golden.tensor<Tensor2D>('R');
      const loss = (x: Tensor4D) => tf.mean<tf.Scalar>(tf.mul(score(x), cotangent));
      const r1 = gradientOf(parameters, () => r1Penalty(score, image));
      return new Map<string, NdArray>([
        ['logits', logits(image)],
        ['logits_b8', logits(eight)],
        ['logits_b2', logits(tf.slice(eight, 0, 2))],
        ...gradients(parameters, image, loss, { loss: 'loss', gradient: 'grad' }),
        ['r1_penalty', scalar(r1.value)],
        ...[...parameters.stateDict(r1.gradient)].map(([name, tensor]): [string, NdArray] => [
          `grad_r1.${name}`,
          tensor,
        ]),
      ]);
    });
  },
};
