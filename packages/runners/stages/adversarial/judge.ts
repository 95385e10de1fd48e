import { diffAugment, r1Penalty, toSigned, type DiffAugmentOptions, type Loss } from '@dualprior/blocks';
import type { Differentiated } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Scalar, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { TrainedDiscriminator } from '../../networks/gan-networks.ts';
import { numbered } from '../common/numbered.ts';
import type { Phase } from '../training/training-plan.ts';

export interface R1Options {
  readonly gamma: number;
  /** Iterations between its turns. */
  readonly every: number;
}

/** Each time that it looks at images in an iteration, they are augmented in another way: numbers of the seeds. */
const LOOKS = { restorer: 1, restored: 2, sharp: 3, r1: 4 } as const;

interface JudgeOptions {
  readonly discriminatorLoss: Loss;
  readonly r1: R1Options;
  /** What it sees of restored and sharp images; absent: they are as they are. */
  readonly diffAugment?: DiffAugmentOptions | undefined;
}

/** What an iteration gives to it. `seed` (int32, shape (2)) is that of the augmentation, where there is one. */
type Judged = { readonly sharp: Tensor4D; readonly seed?: Tensor1D } & NamedTensorMap;

/**
 * A discriminator of restored images, and what it minimises. Images are NHWC in [0, 1]. It may see all of them through DiffAugment (Zhao et
 * al. 2020), through which the restorer learns as well; R1 is of what it sees.
 */
export class Judge {
  constructor(
    readonly discriminator: TrainedDiscriminator,
    private readonly options: JudgeOptions,
  ) {}

  /** The logits of the images that the restorer learns from. */
  logits(images: Tensor4D, seed: Tensor1D | undefined): Tensor2D {
    return this.#score(toSigned(images), seed, 'restorer');
  }

  /** Low if it distinguishes sharp from restored images. */
  loss(restored: Tensor4D, { sharp, seed }: Judged): Differentiated<{ sign_real: Scalar; sign_fake: Scalar }> {
    const logits = this.#score(toSigned(restored), seed, 'restored');
    const targetLogits = this.#score(toSigned(sharp), seed, 'sharp');
    return {
      loss: this.options.discriminatorLoss.compute(restored, sharp, { logits, targetLogits }),
      seen: { sign_real: tf.mean(tf.sign(targetLogits)), sign_fake: tf.mean(tf.sign(logits)) },
    };
  }

  /** gamma / 2 |slope of the logits of sharp images|^2, `every` times as it has its turn only so often. */
  r1({ sharp, seed }: Judged): Differentiated<{ r1: Scalar }> {
    const { gamma, every } = this.options.r1;
    const penalty = r1Penalty((images) => this.#score(images, seed, 'r1'), toSigned(sharp));
    return { loss: tf.mul((gamma / 2) * every, penalty), seen: { r1: penalty } };
  }

  /**
   * The phases of the discriminator: it learns to tell sharp images from restored ones, and now and then R1.
   * @param given what makes the restored images, where no phase before has
   * @param oneStep whether R1 joins the other phase
   */
  phases<Given extends Judged>(
    restored: (given: Given) => Tensor4D,
    { given, oneStep = false }: { given?: Phase<Given>['given']; oneStep?: boolean } = {},
  ): Phase<Given>[] {
    const { gamma, every } = this.options.r1;
    const trains = ['discriminator'];
    const telling: Phase<Given> = {
      name: 'the discriminator',
      trains,
      curve: 'loss_d',
      ...(given && { given }),
      loss: (all) => this.loss(restored(all), all),
    };
    const r1: Phase<Given> = { name: 'R1', trains, every, joins: oneStep, loss: (all) => this.r1(all) };
    return gamma > 0 ? [telling, r1] : [telling];
  }

  /** @param images in [-1, 1] */
  #score(images: Tensor4D, seed: Tensor1D | undefined, look: keyof typeof LOOKS): Tensor2D {
    const { diffAugment: augmentation } = this.options;
    const { module } = this.discriminator;
    if (!augmentation) return module.score(images);
    if (!seed) throw new Error('The augmentation of a discriminator has no seed.');
    return module.score(diffAugment(images, numbered(seed, LOOKS[look]), augmentation));
  }
}
