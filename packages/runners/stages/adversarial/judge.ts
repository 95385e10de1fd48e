import { r1Penalty, toSigned, type Loss } from '@dualprior/blocks';
import type { Differentiated } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { TrainedDiscriminator } from '../../networks/gan-networks.ts';
import type { Phase } from '../training/training-plan.ts';

export interface R1Options {
  readonly gamma: number;
  /** Iterations between its turns. */
  readonly every: number;
}

/** A discriminator of restored images, and what it minimises. Images are NHWC in [0, 1]. */
export class Judge {
  constructor(
    readonly discriminator: TrainedDiscriminator,
    private readonly adversarial: Loss,
    private readonly penalty: R1Options,
  ) {}

  logits(images: Tensor4D): Tensor2D {
    return this.discriminator.module.score(toSigned(images));
  }

  /** Low where sharp images and restored ones are told apart. */
  loss(restored: Tensor4D, sharp: Tensor4D): Differentiated<{ sign_real: Scalar; sign_fake: Scalar }> {
    const [logits, targetLogits] = [this.logits(restored), this.logits(sharp)];
    return {
      loss: this.adversarial.compute(restored, sharp, { logits, targetLogits }),
      seen: { sign_real: tf.mean(tf.sign(targetLogits)), sign_fake: tf.mean(tf.sign(logits)) },
    };
  }

  /** gamma / 2 |slope of the logits of sharp images|^2, `every` times as it has its turn only so often. */
  r1(sharp: Tensor4D): Differentiated<{ r1: Scalar }> {
    const { gamma, every } = this.penalty;
    const penalty = r1Penalty((images) => this.discriminator.module.score(images), toSigned(sharp));
    return { loss: tf.mul((gamma / 2) * every, penalty), seen: { r1: penalty } };
  }

  /**
   * The phases of the discriminator: it learns to tell sharp images from restored ones, and now and then R1.
   * @param given what makes the restored images, where no phase before has
   * @param oneStep whether R1 joins the other phase
   */
  phases<Given extends { readonly sharp: Tensor4D } & NamedTensorMap>(
    restored: (given: Given) => Tensor4D,
    { given, oneStep = false }: { given?: Phase<Given>['given']; oneStep?: boolean } = {},
  ): Phase<Given>[] {
    const { gamma, every } = this.penalty;
    const trains = ['discriminator'];
    const telling: Phase<Given> = {
      name: 'the discriminator',
      trains,
      curve: 'loss_d',
      ...(given && { given }),
      loss: (all) => this.loss(restored(all), all.sharp),
    };
    const r1: Phase<Given> = { name: 'R1', trains, every, joins: oneStep, loss: ({ sharp }) => this.r1(sharp) };
    return gamma > 0 ? [telling, r1] : [telling];
  }
}
