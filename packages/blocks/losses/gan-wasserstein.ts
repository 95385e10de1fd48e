import { Type } from '@sinclair/typebox';
import { wasserstein } from './adversarial/adversarial-loss.ts';
import { GeneratorSide } from './adversarial/gan-sides.ts';
import { losses, weight } from './loss.ts';

const Options = Type.Object({ weight });

/** mean -D(prediction) (Arjovsky et al. 2017), also for hinge losses (Lim and Ye 2017). */
@losses.component({
  type: 'gan-wasserstein',
  description:
    "the generator's side of a Wasserstein or hinge GAN: low if the discriminator believes that its images are real",
  options: Options,
  about: ({ weight }) => ({ weight }),
})
export class GanWassersteinLoss extends GeneratorSide {
  protected readonly loss = wasserstein;
}
