import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { discriminatorLoss, logistic } from './adversarial/adversarial-loss.ts';
import { losses, type Loss, type LossContext } from './loss.ts';
import { weight } from './weight.ts';

const Options = Type.Object({ weight });

/** The discriminator's side: weight * (mean softplus(-D(target)) + mean softplus(D(prediction))). */
@losses.component({
  type: 'gan-logistic',
  description: "the discriminator's side of a GAN: low where it tells real images from generated ones (StyleGAN2)",
  options: Options,
  about: ({ weight }) => ({ weight }),
})
export class GanLogisticLoss implements Loss {
  readonly needs = ['logits', 'targetLogits'] as const;

  constructor(private readonly options: Static<typeof Options>) {}

  compute(_prediction: Tensor4D, _target: Tensor4D, { logits, targetLogits }: LossContext = {}): Scalar {
    return tf.mul(this.options.weight, discriminatorLoss(logistic, targetLogits!, logits!));
  }
}
