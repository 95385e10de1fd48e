import { Gpen, losses } from '@dualprior/blocks';
import { reference } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { asTyped } from '../networks/prior-restorer.ts';
import type { TrainedNetwork } from '../networks/trained-network.ts';
import type { Judge } from './adversarial/judge.ts';
import { absentIdentity, pathLengthOptionOf, restorerOptions } from './adversarial/options.ts';
import { RestorerStage, type RestorerIteration } from './adversarial/restorer-stage.ts';
import type { Look } from './first-not-finite.ts';
import { lazily } from './gan/gan-training.ts';
import { GpenTraining, type GpenTurn, type Varying } from './gpen/gpen-training.ts';
import { adamOf, batchOption } from './options.ts';
import { stages } from './stage.ts';

const Options = Type.Object({
  network: reference<TrainedNetwork>('networks', { description: 'the network `gpen` to train' }),
  discriminator: reference<TrainedNetwork>('networks', {
    description:
      "trained on from the prior's; GPEN's own takes its minibatch statistic over the whole batch (`stddevGroup: batch`)",
  }),
  iterations: Type.Integer({ minimum: 1, default: 4_000_000, description: 'training steps of both networks' }),
  batch: batchOption(4),
  loss: losses.option({
    default: {
      type: 'weighted-sum',
      terms: [
        { weight: 1, loss: { type: 'smooth-l1', signed: true } },
        { weight: 1, loss: { type: 'gan-nonsaturating' } },
      ],
    },
    description: 'of the restored image; the default is the official one',
  }),
  pathLength: pathLengthOptionOf(
    1,
    'it looks at the batch over this; the official code reckons with 2, but takes the whole batch all the same',
  ),
  ...restorerOptions({
    prior:
      "a trained StyleGAN2 generator (`prior.generator`) whose numbers the network's own begins with; with `isconcat` the half of each layer that it knows, the weights of the other half being zero",
    identity: { architecture: 'ir-se50', weight: 1 },
    optimizer: adamOf(2e-3, 0, 0.99),
  }),
});

const TURNS = [false, true].flatMap((pathLength) => [false, true].map((r1): GpenTurn => ({ pathLength, r1 })));

/**
 * Trains GPEN (Yang et al. 2021) as GPEN:train_simple.py: smooth L1, adversarial and identity loss, lazy R1 and path lengths, and an average
 * of the network. Other than there: the network begins with a prior (there with a checkpoint of its own, or from nothing), and validation is
 * by PSNR and pictures, not by LPIPS.
 */
@stages.component({
  type: 'gpen',
  description: 'trains GPEN with a discriminator, its generator from a trained StyleGAN2 generator (Yang et al. 2021)',
  options: Options,
  about: ({ iterations, prior, ...options }, option) => ({
    data: [option('data')],
    validation: [option('validation')],
    batch: option('batch.size'),
    runtime: option('runtime'),
    iterations,
    purpose: 'restorer',
    priors: prior === undefined ? [] : [prior],
    absent: absentIdentity(options),
  }),
  version: 2,
})
export class GpenStage extends RestorerStage<Static<typeof Options>, GpenTraining> {
  readonly #gpen: TrainedNetwork<Gpen>;

  constructor(options: Static<typeof Options>) {
    super(options);
    this.#gpen = asTyped(options.network, 'gpen', Gpen);
  }

  protected begin(judge: Judge): GpenTraining {
    const { loss, pathLength, optimizers, r1, ema } = this.options;
    const lazy = {
      network: lazily(optimizers.network, pathLength.weight > 0 ? pathLength.every : undefined),
      discriminator: lazily(optimizers.discriminator, r1.gamma > 0 ? r1.every : undefined),
    };
    return new GpenTraining(this.#gpen, judge, { loss, identity: this.identity }, pathLength, lazy, ema.decay);
  }

  protected forms(training: GpenTraining): RestorerIteration[] {
    return TURNS.map((turn) => (degraded, sharp, ...varying) => {
      return training.iteration(turn, degraded, sharp, ...(varying as Tensor[] as Varying));
    });
  }

  protected form(training: GpenTraining, iteration: number): number {
    return 2 * Number(training.hasPathLength(iteration)) + Number(training.judge.hasR1(iteration));
  }

  protected looks(training: GpenTraining, degraded: Tensor4D, sharp: Tensor4D, seed: Tensor1D): Look[] {
    const { parameters: own, module } = this.network;
    const { parameters: judging } = this.discriminator;
    const restored = () => own.use(() => module.restore(degraded).image);
    return [
      ['the network', own, () => tf.mean(module.restore(degraded).image)],
      ['the discriminator', judging, () => training.judge.loss(restored(), sharp).loss],
      ["the network's loss", own, () => judging.use(() => training.restorationLoss(degraded, sharp, seed).loss)],
      ['the path lengths', own, () => training.pathLength(degraded, seed, tf.scalar(0)).loss],
      ['R1', judging, () => training.judge.r1(sharp).loss],
    ];
  }
}
