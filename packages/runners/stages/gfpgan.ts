import { GfpGan, losses, type Batch } from '@dualprior/blocks';
import { reference } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { asPriorRestorer, asTyped } from '../networks/prior-restorer.ts';
import type { TrainedNetwork } from '../networks/trained-network.ts';
import type { Judge } from './adversarial/judge.ts';
import { absentIdentity, restorerOptions } from './adversarial/options.ts';
import { RestorerStage, type RestorerIteration } from './adversarial/restorer-stage.ts';
import type { Look } from './first-not-finite.ts';
import { lazily } from './gan/gan-training.ts';
import { FacialComponents, facialComponentsOption, FacialComponentsTraining } from './gfpgan/facial-components.ts';
import { GfpGanTraining, type Varying } from './gfpgan/gfpgan-training.ts';
import { warningsOf } from './interval-warnings.ts';
import { adamOf, batchOption } from './options.ts';
import { stages } from './stage.ts';

/** Adam at 2e-3, halved twice near the end. */
const SCHEDULE = { type: 'multistep', milestones: [600_000, 700_000], gamma: 0.5 };
const OPTIMIZER = { ...adamOf(2e-3, 0, 0.99), schedule: SCHEDULE };
const COMPONENT_OPTIMIZER = { ...adamOf(2e-3, 0.9, 0.99), schedule: SCHEDULE };

/** What the pyramid's weight becomes: the official code leaves so much, lest parameters be unused. */
const NEGLIGIBLE = 1e-12;

const Options = Type.Object({
  network: reference<TrainedNetwork>('networks', { description: 'GFP-GAN' }),
  discriminator: reference<TrainedNetwork>('networks', { description: 'tells sharp images from restored ones' }),
  iterations: Type.Integer({ minimum: 1, default: 800_000, description: 'training steps of both networks' }),
  batch: batchOption(12),
  loss: losses.option({
    default: {
      type: 'weighted-sum',
      terms: [
        { weight: 0.2, loss: { type: 'l1' } },
        { weight: 1, loss: { type: 'perceptual' } },
        { weight: 0.1, loss: { type: 'gan-nonsaturating' } },
      ],
    },
    description:
      'of the restored image; the default is the official one (its L1 has the weight 0.1, but of images in [-1, 1], whose differences are twice as large)',
  }),
  pyramid: Type.Object(
    {
      weight: Type.Number({
        minimum: 0,
        default: 1,
        description: "weight of the L1 loss of each of the U-Net's images, of all resolutions, in [-1, 1]",
      }),
      until: Type.Integer({ minimum: 0, default: 50_000, description: 'iterations after which it counts no more' }),
    },
    { default: {}, additionalProperties: false },
  ),
  components: Type.Optional(facialComponentsOption(COMPONENT_OPTIMIZER)),
  ...restorerOptions({
    prior:
      "a trained StyleGAN2 generator (`prior.generator`) whose numbers the network's decoder begins with; absent: it begins as the network does",
    identity: { architecture: 'resnet18', weight: 10 },
    optimizer: OPTIMIZER,
  }),
});

/**
 * Trains GFP-GAN (Wang et al. 2021) as GFPGAN:options/train_gfpgan_v1.yml and gfpgan/models/gfpgan_model.py: reconstruction,
 * perceptual, adversarial and pyramid losses, R1, and an average of the network. In training its noise is drawn anew each time; the
 * average is validated, and used by others, with the stored noise.
 *
 * Differences to the official code: lazy regularisation slows D's rate and betas (there the parameter group brings the plain rate along,
 * which overrides the slowed one, so that only the betas change), and R1 has its turn from the first iteration on (there from the 16th).
 */
@stages.component({
  type: 'gfpgan',
  description: 'trains GFP-GAN with a discriminator, its decoder from a trained StyleGAN2 generator (Wang et al. 2021)',
  options: Options,
  about: ({ iterations, prior, components, ...options }, option) => ({
    data: [option('data')],
    validation: [option('validation')],
    batch: option('batch.size'),
    runtime: option('runtime'),
    iterations,
    purpose: 'restorer',
    priors: prior === undefined ? [] : [prior],
    absent: [
      ...absentIdentity(options),
      ...(components ? [] : ['the discriminators of eyes and mouth (no `components`)']),
    ],
  }),
})
export class GfpGanStage extends RestorerStage<Static<typeof Options>, GfpGanTraining> {
  readonly #components: FacialComponents | undefined;

  constructor(options: Static<typeof Options>) {
    const { size } = asTyped(asPriorRestorer(options.network), 'gfpgan', GfpGan).module;
    const components = options.components && new FacialComponents(options.components, size);
    super(options, new Map(Object.entries(components?.judges ?? {})));
    this.#components = components;
  }

  override warnings(): string[] {
    const { pyramid, components, iterations } = this.options;
    const { until, weight } = pyramid;
    return [
      ...super.warnings(),
      ...warningsOf('components.optimizer', components?.optimizer.warnings(iterations) ?? []),
      ...(weight > 0 && until > iterations
        ? [`\`pyramid.until\` is ${until} of ${iterations} iterations: the pyramid will count to the end`]
        : []),
    ];
  }

  override async prepare(): Promise<void> {
    await super.prepare();
    this.#components?.check(this.options.data);
  }

  protected begin(judge: Judge): GfpGanTraining {
    const { loss, optimizers, r1, ema } = this.options;
    const discriminator = lazily(optimizers.discriminator, r1.gamma > 0 ? r1.every : undefined);
    const all = { network: optimizers.network, discriminator };
    const components = this.#components && new FacialComponentsTraining(this.#components);
    return new GfpGanTraining(this.network, judge, { loss, identity: this.identity }, all, ema.decay, components);
  }

  protected forms(training: GfpGanTraining): RestorerIteration[] {
    return [false, true].map((hasR1) => (degraded, sharp, ...varying) => {
      return training.iteration(hasR1, degraded, sharp, ...(varying as Tensor[] as Varying));
    });
  }

  protected form(training: GfpGanTraining, iteration: number): number {
    return Number(training.judge.hasR1(iteration));
  }

  protected override annealed(iteration: number): number[] {
    const { weight, until } = this.options.pyramid;
    const rate = this.options.components?.optimizer.learningRate(iteration, this.iterations);
    return [iteration < until ? weight : weight * NEGLIGIBLE, ...(rate === undefined ? [] : [rate])];
  }

  protected override known({ shown }: Batch): Tensor[] {
    return this.#components ? [this.#components.boxes(shown)] : [];
  }

  protected looks(
    training: GfpGanTraining,
    degraded: Tensor4D,
    sharp: Tensor4D,
    seed: Tensor1D,
    ...known: Tensor[]
  ): Look[] {
    const [boxes] = known as [Tensor3D?];
    const { parameters: own, module } = this.network;
    const { parameters: judging } = this.discriminator;
    const restored = () => own.use(() => module.restore(degraded, seed).image);
    const weight = tf.scalar(this.options.pyramid.weight);
    return [
      ['the network', own, () => tf.mean(module.restore(degraded, seed).image)],
      ['the discriminator', judging, () => training.judge.loss(restored(), sharp).loss],
      ...(boxes ? this.#components!.looks(restored, sharp, boxes) : []),
      [
        "the network's loss",
        own,
        () => judging.use(() => training.networkLoss(degraded, sharp, seed, weight, boxes).loss),
      ],
      ['R1', judging, () => training.judge.r1(sharp).loss],
    ];
  }
}
