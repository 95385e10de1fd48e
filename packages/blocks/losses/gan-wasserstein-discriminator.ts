import { Type } from '@sinclair/typebox';
import { wasserstein } from './adversarial/adversarial-loss.ts';
import { DiscriminatorSide } from './adversarial/gan-sides.ts';
import { losses, weight } from './loss.ts';

const Options = Type.Object({ weight });

/** mean -D(target) + mean D(prediction) (Arjovsky et al. 2017); D must be kept Lipschitz by other means. */
@losses.component({
  type: 'gan-wasserstein-discriminator',
  description: "the discriminator's side of a Wasserstein GAN: low if it distinguishes real from generated images",
  options: Options,
  about: ({ weight }) => ({ weight }),
})
export class GanWassersteinDiscriminatorLoss extends DiscriminatorSide {
  protected readonly loss = wasserstein;
}
