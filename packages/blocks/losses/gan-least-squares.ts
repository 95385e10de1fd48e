import { Type } from '@sinclair/typebox';
import { leastSquares } from './adversarial/adversarial-loss.ts';
import { GeneratorSide } from './adversarial/gan-sides.ts';
import { losses, weight } from './loss.ts';

const Options = Type.Object({ weight });

/** mean (D(prediction) - 1)^2 (Mao et al. 2017). */
@losses.component({
  type: 'gan-least-squares',
  description:
    "the generator's side of a least-squares GAN: low if the discriminator believes that its images are real",
  options: Options,
  about: ({ weight }) => ({ weight }),
})
export class GanLeastSquaresLoss extends GeneratorSide {
  protected readonly loss = leastSquares;
}
