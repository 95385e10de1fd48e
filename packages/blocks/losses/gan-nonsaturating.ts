import { Type } from '@sinclair/typebox';
import { logistic } from './adversarial/adversarial-loss.ts';
import { GeneratorSide } from './adversarial/gan-sides.ts';
import { losses, weight } from './loss.ts';

const Options = Type.Object({ weight });

/** mean softplus(-D(prediction)) (Goodfellow et al. 2014; L_adv of equation 2). */
@losses.component({
  type: 'gan-nonsaturating',
  description: "the generator's side of a GAN: low if the discriminator believes that its images are real (StyleGAN2)",
  options: Options,
  about: ({ weight }) => ({ weight }),
})
export class GanNonsaturatingLoss extends GeneratorSide {
  protected readonly loss = logistic;
}
