import { Type, type Static } from '@sinclair/typebox';
import { diffAugmentOptions, SHARP, withMeanLatent, type Dataset, toSigned } from '@dualprior/blocks';
import { Random, reference } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import { asDiscriminator, asGenerator, checkGroups, checkOneSize } from '../networks/gan-networks.ts';
import type { TrainedNetwork } from '../networks/trained-network.ts';
import { lazily } from './adversarial/lazily.ts';
import { pathLengthOption, r1Option } from './adversarial/options.ts';
import { averageOption, averageWarnings, decayOf } from './gan/average.ts';
import { formerOptions } from './gan/former-options.ts';
import { GanPhases, type GanGiven } from './gan/phases.ts';
import { adversarialOptions, optimizersOption, styleMixingOption } from './gan/options.ts';
import { checkRealImages, GeneratorQuality, qualityOf, qualityOption, type Quality } from './gan/quality.ts';
import { SampleGrid, samplesOption } from './gan/sample-grid.ts';
import { checkExactSize, checkSharp } from '../inference/image-sizes.ts';
import { intervalWarnings, optimizerWarnings, warningsOf } from './common/interval-warnings.ts';
import { refuseNeeds } from './common/loss-terms.ts';
import { batchOption, checkpointOptions, flipOption } from './common/options.ts';
import { runtimeOption } from './runtime.ts';
import { stages, type Stage, type StageContext, type Trained } from './stage.ts';
import type { TrainingPlan } from './training/training-plan.ts';
import { seedOf, train } from './training/train.ts';

const Options = Type.Object({
  generator: reference<TrainedNetwork>('networks', { description: 'generates images from latents' }),
  discriminator: reference<TrainedNetwork>('networks', { description: 'distinguishes real from generated images' }),
  data: reference<Dataset>('data', {
    description: "real images, of the networks' size; their degradation plays no part",
    reads: SHARP,
  }),
  iterations: Type.Integer({ minimum: 1, description: 'training steps of both networks' }),
  batch: batchOption(32),
  augment: flipOption('mirror real images left and right at random'),
  diffAugment: Type.Optional(diffAugmentOptions),
  ...adversarialOptions,
  optimizers: optimizersOption,
  r1: r1Option(),
  pathLength: pathLengthOption,
  styleMixing: styleMixingOption,
  ema: averageOption,
  samples: samplesOption,
  quality: Type.Optional(qualityOption),
  ...checkpointOptions,
  runtime: runtimeOption,
});

/**
 * Trains a generator and a discriminator from their initial weights as StyleGAN2 (Karras et al. 2020): lazy regularisation, style mixing,
 * an average of the generator, and for small data sets differentiable augmentation (DiffAugment, Zhao et al. 2020).
 */
@stages.component({
  type: 'gan',
  description: 'trains a generator and a discriminator on images (StyleGAN2, with DiffAugment)',
  options: Options,
  about: ({ iterations, quality }, option) => ({
    data: [option('data')],
    validation: [],
    batch: option('batch.size'),
    runtime: option('runtime'),
    iterations,
    purpose: 'prior',
    selection: quality && { option: option('quality'), metric: quality.metric },
  }),
  renamed: { augmentation: '"diffAugment"', adversarial: '"loss" (of the generator) and "discriminatorLoss"' },
  formerly: formerOptions,
})
export class GanStage implements Stage {
  readonly trains: ReadonlyMap<string, TrainedNetwork>;
  readonly result: 'best' | 'last';
  readonly #gan: GanPhases;
  readonly #quality: Quality | undefined;

  constructor(private readonly options: Static<typeof Options>) {
    const [generator, discriminator] = [asGenerator(options.generator), asDiscriminator(options.discriminator)];
    checkOneSize(generator, discriminator);
    this.trains = new Map<string, TrainedNetwork>([
      ['generator', generator],
      ['discriminator', discriminator],
    ]);
    const { batch, loss, discriminatorLoss, quality } = options;
    refuseNeeds(loss, ['logits']);
    refuseNeeds(discriminatorLoss, ['logits', 'targetLogits']);
    this.#quality = quality && qualityOf(quality, options.data, batch.size);
    this.result = quality ? 'best' : 'last';
    checkGroups(discriminator, batch.size);
    this.#gan = new GanPhases(generator, discriminator, { ...options, batch: batch.size });
  }

  get iterations(): number {
    return this.options.iterations;
  }

  warnings(): string[] {
    const { optimizers, ema, batch, iterations } = this.options;
    return [
      ...optimizerWarnings(optimizers, iterations),
      ...warningsOf('ema', averageWarnings(ema, batch.size, iterations, this.#gan.generator.fresh === true)),
      ...intervalWarnings(this.options),
    ];
  }

  async prepare(): Promise<void> {
    const { data } = this.options;
    await data.prepare();
    checkSharp(data, 'of the training images');
    const { reference, module } = this.#gan.generator;
    checkExactSize(reference, module.size, data, 'of the training images');
    if (this.#quality) checkRealImages(this.#quality);
  }

  async train(context: StageContext): Promise<Trained> {
    await this.prepare();
    return train(this.#plan(context), this.options, context);
  }

  #plan(context: StageContext): TrainingPlan<GanGiven> {
    const { optimizers, batch, ema, samples, r1, pathLength } = this.options;
    const { generator, discriminator, phases } = this.#gan;
    const random = new Random(context.seed);
    return {
      networks: {
        generator: {
          network: generator,
          optimizer: lazily(optimizers.generator, pathLength.weight, pathLength.every),
          rate: 'learning_rate_g',
          average: (iteration) => decayOf(ema, batch.size, iteration),
          result: (numbers) => withMeanLatent(generator.parameters, [0, 0], numbers),
        },
        discriminator: {
          network: discriminator,
          optimizer: lazily(optimizers.discriminator, r1.gamma, r1.every),
          rate: 'learning_rate_d',
        },
      },
      phases,
      losses: [],
      inputs: ({ sharp, shape }, iteration) => ({
        real: toSigned(tf.tensor4d(sharp, shape)),
        seed: seedOf(random, 'gan', iteration),
      }),
      counts: (iteration) => ({ images: (iteration + 1) * batch.size }),
      validations: ({ generator: learned }) => [
        new SampleGrid(samples, generator, learned!.numbers, context),
        this.#quality && new GeneratorQuality(this.#quality, generator, learned!.numbers, context),
      ],
    };
  }
}
