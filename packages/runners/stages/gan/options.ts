import { losses, optimizers } from '@dualprior/blocks';
import { Type } from '@sinclair/typebox';
import { adamOf } from '../common/options.ts';

const ADAM = adamOf(2e-3, 0, 0.99);

export const optimizersOption = Type.Object(
  {
    generator: optimizers.option({
      default: ADAM,
      description: 'optimizer of the generator; lazy regularisation adjusts its rate and betas automatically',
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

/** The two sides of the game; the defaults are StyleGAN2's. */
export const adversarialOptions = {
  loss: losses.option({ default: { type: 'gan-nonsaturating' }, description: "of the generator; StyleGAN2's" }),
  discriminatorLoss: losses.option({
    default: { type: 'gan-logistic' },
    description: "of the discriminator; StyleGAN2's",
  }),
};
