import { optimizers } from '@dualprior/blocks';
import { Type } from '@sinclair/typebox';
import { adamOf } from '../common/options.ts';

/** Stage 1's, with the paper's rates (section 2.4). */
export const optimizersOption = Type.Object(
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
