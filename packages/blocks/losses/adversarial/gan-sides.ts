import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import type { Loss, LossContext } from '../loss.ts';
import { discriminatorLoss, type AdversarialLoss } from './adversarial-loss.ts';

/** The generator's side of a GAN: weight * loss of D(prediction). */
export abstract class GeneratorSide implements Loss {
  readonly needs = ['logits'] as const;
  protected abstract readonly loss: AdversarialLoss;

  constructor(private readonly options: { readonly weight: number }) {}

  compute(_prediction: Tensor4D, _target: Tensor4D, { logits }: LossContext = {}): Scalar {
    return tf.mul(this.options.weight, this.loss.generator(logits!));
  }
}

/** The discriminator's side: weight * (loss of D(target), which is real, + loss of D(prediction), which is not). */
export abstract class DiscriminatorSide implements Loss {
  readonly needs = ['logits', 'targetLogits'] as const;
  protected abstract readonly loss: AdversarialLoss;

  constructor(private readonly options: { readonly weight: number }) {}

  compute(_prediction: Tensor4D, _target: Tensor4D, { logits, targetLogits }: LossContext = {}): Scalar {
    return tf.mul(this.options.weight, discriminatorLoss(this.loss, targetLogits!, logits!));
  }
}
