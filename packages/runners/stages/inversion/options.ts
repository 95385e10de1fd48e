import { diffAugmentOptions, losses, optimizers, type Dataset } from '@dualprior/blocks';
import { reference } from '@dualprior/core';
import { Type } from '@sinclair/typebox';
import type { TrainedNetwork } from '../../networks/trained-network.ts';
import { r1OptionThatMaySlow } from '../adversarial/options.ts';
import { adamOf, augmentOption, batchOption, intervalOptions } from '../common/options.ts';
import { runtimeOption } from '../runtime.ts';
import { selectOption } from '../validation/select.ts';

/** Stage 1's, with the paper's rates (section 2.4). */
const optimizersOption = Type.Object(
  {
    encoder: optimizers.option({ default: adamOf(1e-4, 0, 0.99), description: 'of E' }),
    generator: optimizers.option({ default: adamOf(1e-4, 0, 0.99), description: 'of G' }),
    discriminator: optimizers.option({
      default: adamOf(2.5e-5, 0, 0.99),
      description: 'of D; its rate is the one that is used, unless `r1.slows`',
    }),
  },
  { default: {}, additionalProperties: false },
);

const network = (description: string) => reference<TrainedNetwork>('networks', { description });

/** Options of stage 1 of the paper. */
export const InversionOptions = Type.Object({
  regressor: network('R, trained beforehand; it stays as it is'),
  encoder: network('E'),
  generator: network('G, trained on from the prior'),
  discriminator: network('D, trained on from the prior'),
  data: reference<Dataset>('data', { description: 'training images' }),
  validation: Type.Optional(reference<Dataset>('data', { description: 'images that are not trained on' })),
  select: selectOption,
  iterations: Type.Integer({ minimum: 1, default: 40_000, description: 'training steps' }),
  batch: batchOption(8),
  augment: augmentOption,
  loss: losses.option({
    default: {
      type: 'weighted-sum',
      terms: [{ type: 'l1' }, { type: 'lpips', weight: 10 }, { type: 'gan-nonsaturating', weight: 0.3 }],
    },
    description: 'L_E of E and G; the default is equation 2',
  }),
  discriminatorLoss: losses.option({ default: { type: 'gan-logistic' }, description: 'of D' }),
  diffAugment: Type.Optional(diffAugmentOptions),
  r1: r1OptionThatMaySlow,
  optimizers: optimizersOption,
  ...intervalOptions,
  runtime: runtimeOption,
});
