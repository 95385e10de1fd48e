import { Type } from '@sinclair/typebox';
import { hinge } from './adversarial/adversarial-loss.ts';
import { DiscriminatorSide } from './adversarial/gan-sides.ts';
import { losses, weight } from './loss.ts';

const Options = Type.Object({ weight });

/** mean max(0, 1 - D(target)) + mean max(0, 1 + D(prediction)) (Lim and Ye 2017); its other side is `gan-wasserstein`. */
@losses.component({
  type: 'gan-hinge-discriminator',
  description: "the discriminator's side of a hinge GAN: low if it distinguishes real from generated images",
  options: Options,
  about: ({ weight }) => ({ weight }),
})
export class GanHingeDiscriminatorLoss extends DiscriminatorSide {
  protected readonly loss = hinge;
}
