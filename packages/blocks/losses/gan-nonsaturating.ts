import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { logistic } from './adversarial/adversarial-loss.ts';
import { losses, type Loss, type LossContext } from './loss.ts';
import { weight } from './weight.ts';

const Options = Type.Object({ weight });

/** The generator's side: weight * mean softplus(-D(prediction)) (Goodfellow et al. 2014; L_adv of equation 2). */
@losses.component({
  type: 'gan-nonsaturating',
  description: "the generator's side of a GAN: low where the discriminator takes its images for real (StyleGAN2)",
  options: Options,
  about: ({ weight }) => ({ weight }),
})
export class GanNonsaturatingLoss implements Loss {
  readonly needs = ['logits'] as const;

  constructor(private readonly options: Static<typeof Options>) {}

  compute(_prediction: Tensor4D, _target: Tensor4D, { logits }: LossContext = {}): Scalar {
    return tf.mul(this.options.weight, logistic.generator(logits!));
  }
}
