import { Musiq, patchesOf } from '@dualprior/blocks';
import type { NdArray } from '@dualprior/core';
import { plain, type GoldenFamily } from '../golden.ts';
import { eightBit } from './eight-bit.ts';
import { withOwnWeights } from './own-weights.ts';

/** The scores of 8-bit images by a small MUSIQ. */
export const musiq: GoldenFamily = {
  knows: ({ manifest }) => manifest.config.arch === 'MUSIQ',

  compute(golden) {
    const {
      hidden_size: width,
      mlp_dim: hidden,
      num_heads: heads,
      num_layers: layers,
      num_class: classes,
    } = golden.manifest.config as Record<string, number>;
    const shape = { width, hidden, heads, layers, classes } as ConstructorParameters<typeof Musiq>[0];
    const network = new Musiq(shape);
    const score = (output: string) => network.score(patchesOf(eightBit(golden, output.replace('musiq.', ''))));
    return withOwnWeights(
      golden,
      [network],
      () => new Map(golden.outputs.map((output): [string, NdArray] => [output, plain(score(output))])),
    );
  },
};
