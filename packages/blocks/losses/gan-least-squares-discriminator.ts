import { Type } from '@sinclair/typebox';
import { leastSquares } from './adversarial/adversarial-loss.ts';
import { DiscriminatorSide } from './adversarial/gan-sides.ts';
import { losses, weight } from './loss.ts';

const Options = Type.Object({ weight });

/** mean (D(target) - 1)^2 + mean D(prediction)^2 (Mao et al. 2017). */
@losses.component({
  type: 'gan-least-squares-discriminator',
  description: "the discriminator's side of a least-squares GAN: low if it distinguishes real from generated images",
  options: Options,
  about: ({ weight }) => ({ weight }),
})
export class GanLeastSquaresDiscriminatorLoss extends DiscriminatorSide {
  protected readonly loss = leastSquares;
}
