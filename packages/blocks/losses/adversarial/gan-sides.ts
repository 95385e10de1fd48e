import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { WeightedLoss, type LossContext } from '../loss.ts';
import { discriminatorLoss, type AdversarialLoss } from './adversarial-loss.ts';

/** The generator's side of a GAN: the loss of D(prediction). */
export abstract class GeneratorSide extends WeightedLoss {
  readonly needs = ['logits'] as const;
  protected abstract readonly loss: AdversarialLoss;

  protected formula(_prediction: Tensor4D, _target: Tensor4D, { logits }: LossContext = {}): Scalar {
    return this.loss.generator(logits!);
  }
}

/** The discriminator's side: the loss of D(target), which is real, + that of D(prediction), which is not. */
export abstract class DiscriminatorSide extends WeightedLoss {
  readonly needs = ['logits', 'targetLogits'] as const;
  protected abstract readonly loss: AdversarialLoss;

  protected formula(_prediction: Tensor4D, _target: Tensor4D, { logits, targetLogits }: LossContext = {}): Scalar {
    return discriminatorLoss(this.loss, targetLogits!, logits!);
  }
}
