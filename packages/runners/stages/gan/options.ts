import { optimizers } from '@dualprior/blocks';
import { Type } from '@sinclair/typebox';
import { adamOf } from '../options.ts';

const ADAM = adamOf(2e-3, 0, 0.99);

export const optimizersOption = Type.Object(
  {
    generator: optimizers.option({
      default: ADAM,
      description: 'of the generator; lazy regularisation slows its rate and betas down by itself',
    }),
    discriminator: optimizers.option({ default: ADAM, description: 'of the discriminator, in the same way' }),
  },
  { default: {}, additionalProperties: false },
);

export const styleMixingOption = Type.Number({
  minimum: 0,
  maximum: 1,
  default: 0.9,
  description: 'probability that an image is made of two latents',
});
