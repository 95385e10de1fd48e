import { Type } from '@sinclair/typebox';
import { logistic } from './adversarial/adversarial-loss.ts';
import { DiscriminatorSide } from './adversarial/gan-sides.ts';
import { losses, weight } from './loss.ts';

const Options = Type.Object({ weight });

/** mean softplus(-D(target)) + mean softplus(D(prediction)), the other side of `gan-nonsaturating`. */
@losses.component({
  type: 'gan-logistic',
  description: "the discriminator's side of a GAN: low if it distinguishes real from generated images (StyleGAN2)",
  options: Options,
  about: ({ weight }) => ({ weight }),
})
export class GanLogisticLoss extends DiscriminatorSide {
  protected readonly loss = logistic;
}
