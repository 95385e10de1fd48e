import { diffAugment, pathLengthPenalty, r1Penalty, type DiffAugmentOptions, type Loss } from '@dualprior/blocks';
import { statelessNormal, type Differentiated } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor1D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { TrainedDiscriminator, TrainedGenerator } from '../../networks/gan-networks.ts';
import type { Phase } from '../training/training-plan.ts';
import { numbered } from '../common/numbered.ts';
import { drawLatents } from './latents.ts';

export interface GanPhaseOptions {
  readonly batch: number;
  /** The losses of both networks, functions of the discriminator's logits. */
  readonly loss: Loss;
  readonly discriminatorLoss: Loss;
  readonly r1: { readonly gamma: number; readonly every: number };
  readonly pathLength: {
    readonly weight: number;
    readonly every: number;
    readonly decay: number;
    readonly batchShrink: number;
  };
  readonly styleMixing: number;
  /** Absent: the discriminator sees the images as they are. */
  readonly diffAugment?: DiffAugmentOptions | undefined;
}

/** What the phases of a GAN look at. */
export type GanGiven = {
  /** Real images and generated ones, NHWC in [-1, 1]. */
  readonly real: Tensor4D;
  readonly fake: Tensor4D;
  readonly seed: Tensor1D;
  /** The running mean of the path lengths. */
  readonly path_mean: Scalar;
};

/**
 * What StyleGAN2 (Karras et al. 2020) minimises, phase by phase, as stylegan2-ada-pytorch:training/loss.py has them. Real images are
 * NHWC in [-1, 1]; what is random follows from a seed (int32, shape (2)). A regulariser that has its turn only every k-th iteration
 * counts k times. No phase changes anything.
 */
export class GanPhases {
  constructor(
    readonly generator: TrainedGenerator,
    readonly discriminator: TrainedDiscriminator,
    readonly options: GanPhaseOptions,
  ) {}

  /** Gmain: low where the discriminator takes generated images for real. */
  generatorLoss(real: Tensor4D, seed: Tensor1D): Differentiated<{ sign_fake: Scalar }> {
    const images = this.generated(numbered(seed, 0));
    const logits = this.#score(images, numbered(seed, 1));
    const loss = this.options.loss.compute(images, real, { logits });
    return { loss, seen: { sign_fake: tf.mean(tf.sign(logits)) } };
  }

  /** Greg: path lengths of fewer images; `mean` is their running mean before. */
  pathLength(seed: Tensor1D, mean: Scalar): Differentiated<{ path_length: Scalar; path_mean: Scalar }> {
    const { weight, every, decay, batchShrink } = this.options.pathLength;
    const { size } = this.generator.module;
    const count = Math.max(1, Math.floor(this.options.batch / batchShrink));
    const noise = statelessNormal<Tensor4D>([count, size, size, 3], numbered(seed, 1));
    const latents = drawLatents(this.generator.module, count, this.options.styleMixing, numbered(seed, 0));
    const synthesize = (w: Tensor3D) => this.generator.module.synthesize(w, { noise: numbered(seed, 2) });
    const path = pathLengthPenalty(synthesize, latents, noise, mean, decay);
    return {
      loss: tf.mul(weight * every, path.penalty),
      seen: { path_length: tf.mean(path.lengths), path_mean: path.mean },
    };
  }

  /** Dmain: low if the discriminator distinguishes real from generated images. */
  discriminatorLoss(real: Tensor4D, fake: Tensor4D, seed: Tensor1D): Differentiated<{ sign_real: Scalar }> {
    const [logits, targetLogits] = [this.#score(fake, numbered(seed, 1)), this.#score(real, numbered(seed, 2))];
    return {
      loss: this.options.discriminatorLoss.compute(fake, real, { logits, targetLogits }),
      seen: { sign_real: tf.mean(tf.sign(targetLogits)) },
    };
  }

  /** The generated images that `discriminatorLoss` looks at, which do not learn from it. */
  fakeImages(seed: Tensor1D): Tensor4D {
    return this.generator.parameters.use(() => this.generated(numbered(seed, 0)));
  }

  /** Dreg: gamma / 2 |slope of the logits of real images|^2, through the augmentation. */
  r1(real: Tensor4D, seed: Tensor1D): Differentiated<{ r1: Scalar }> {
    const { gamma, every } = this.options.r1;
    const penalty = r1Penalty((images) => this.#score(images, seed), real);
    return { loss: tf.mul((gamma / 2) * every, penalty), seen: { r1: penalty } };
  }

  /** The phases of an iteration; a regulariser with the weight 0 has none. */
  get phases(): Phase<GanGiven>[] {
    const { pathLength, r1 } = this.options;
    const [g, d] = [['generator'], ['discriminator']];
    const main: Phase<GanGiven> = {
      name: "the generator's loss",
      trains: g,
      curve: 'loss_g',
      loss: ({ real, seed }) => this.generatorLoss(real, numbered(seed, 0)),
    };
    const paths: Phase<GanGiven> = {
      name: 'the path lengths',
      trains: g,
      every: pathLength.every,
      keeps: ['path_mean'],
      loss: ({ seed, path_mean }) => this.pathLength(numbered(seed, 1), path_mean),
    };
    const telling: Phase<GanGiven> = {
      name: "the discriminator's loss",
      trains: d,
      curve: 'loss_d',
      given: ({ seed }) => ({ fake: this.fakeImages(numbered(seed, 2)) }),
      loss: ({ real, fake, seed }) => this.discriminatorLoss(real, fake, numbered(seed, 2)),
    };
    const slope: Phase<GanGiven> = {
      name: 'R1',
      trains: d,
      every: r1.every,
      loss: ({ real, seed }) => this.r1(real, numbered(seed, 3)),
    };
    return [main, ...(pathLength.weight > 0 ? [paths] : []), telling, ...(r1.gamma > 0 ? [slope] : [])];
  }

  /** A batch of images of random latents. */
  generated(seed: Tensor1D): Tensor4D {
    const { module } = this.generator;
    const latents = drawLatents(module, this.options.batch, this.options.styleMixing, numbered(seed, 0));
    return module.synthesize(latents, { noise: numbered(seed, 1) });
  }

  #score(images: Tensor4D, seed: Tensor1D): Tensor {
    const { diffAugment: spoiling } = this.options;
    return this.discriminator.module.score(spoiling ? diffAugment(images, seed, spoiling) : images);
  }
}
