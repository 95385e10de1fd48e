import { join } from 'node:path';
import { Type, type Static } from '@sinclair/typebox';
import {
  ADVERSARIAL_LOSSES,
  diffAugmentOptions,
  emaWarnings,
  optimizers,
  SHARP,
  withMeanLatent,
  type Batch,
  type Dataset,
  toSigned,
} from '@dualprior/blocks';
import { Random, reference } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import { asDiscriminator, asGenerator, checkGroups, checkOneSize } from '../networks/gan-networks.ts';
import type { TrainedNetwork } from '../networks/trained-network.ts';
import { pathLengthOption, r1Option } from './adversarial/options.ts';
import { diagnosis } from './gan/diagnosis.ts';
import { GanTraining, lazily } from './gan/gan-training.ts';
import { GanObjective } from './gan/objective.ts';
import { checkRealImages, GeneratorQuality, qualityOf, qualityOption, type Quality } from './gan/quality.ts';
import { SampleGrid } from './gan/sample-grid.ts';
import { GanSteps } from './gan/steps.ts';
import { checkExactSize } from '../inference/image-sizes.ts';
import { intervalWarnings, optimizerWarnings, warningsOf } from './interval-warnings.ts';
import { numbersOf } from './loss-terms.ts';
import { adamOf, batchOption, checkpointOptions } from './options.ts';
import { prefetched } from './prefetched.ts';
import { writeResult } from '../store/result-file.ts';
import { runnable, runtimeOf, runtimeOption } from './runtime.ts';
import { stages, type Stage, type StageContext, type Trained } from './stage.ts';
import { trainingLoop, type StepResult } from './training-loop.ts';
import { TrainingState } from '../store/training-state.ts';

const group = { default: {}, additionalProperties: false };
const ADAM = adamOf(2e-3, 0, 0.99);

const Options = Type.Object({
  generator: reference<TrainedNetwork>('networks', { description: 'makes images of latents' }),
  discriminator: reference<TrainedNetwork>('networks', { description: 'tells real images from generated ones' }),
  data: reference<Dataset>('data', {
    description: "real images, of the networks' size; their degradation plays no part",
    reads: SHARP,
  }),
  iterations: Type.Integer({ minimum: 1, description: 'training steps of both networks' }),
  batch: batchOption(32),
  augment: Type.Object(
    { flip: Type.Boolean({ default: true, description: 'mirror real images left and right at random' }) },
    group,
  ),
  augmentation: Type.Optional(diffAugmentOptions),
  adversarial: Type.Union(
    (Object.keys(ADVERSARIAL_LOSSES) as (keyof typeof ADVERSARIAL_LOSSES)[]).map((name) => Type.Literal(name)),
    { default: 'vanilla', description: 'the loss of both; `vanilla` is the non-saturating logistic one of StyleGAN2' },
  ),
  optimizers: Type.Object(
    {
      generator: optimizers.option({
        default: ADAM,
        description: 'of the generator; lazy regularisation slows its rate and betas down by itself',
      }),
      discriminator: optimizers.option({ default: ADAM, description: 'of the discriminator, in the same way' }),
    },
    group,
  ),
  r1: r1Option(),
  pathLength: pathLengthOption,
  styleMixing: Type.Number({
    minimum: 0,
    maximum: 1,
    default: 0.9,
    description: 'probability that an image is made of two latents',
  }),
  ema: Type.Object(
    {
      halfLife: Type.Number({
        exclusiveMinimum: 0,
        default: 10_000,
        description: 'of the average of the generator, which is what others get, in images',
      }),
      rampUp: Type.Number({
        minimum: 0,
        default: 0.05,
        description: 'the half-life is at most this part of the images shown so far (StyleGAN2-ADA); 0: no such limit',
      }),
    },
    group,
  ),
  samples: Type.Object(
    {
      every: Type.Integer({ minimum: 1, default: 1000, description: 'iterations between grids of samples' }),
      count: Type.Integer({ minimum: 1, maximum: 256, default: 36, description: 'images of a grid' }),
    },
    { ...group, 'x-identity': false },
  ),
  quality: Type.Optional(qualityOption),
  ...checkpointOptions,
  runtime: runtimeOption,
});

/**
 * Trains a generator and a discriminator from their first weights as StyleGAN2 (Karras et al. 2020): lazy regularisation, style mixing,
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
})
export class GanStage implements Stage {
  readonly trains: ReadonlyMap<string, TrainedNetwork>;
  readonly result: 'best' | 'last';
  readonly #objective: GanObjective;
  readonly #quality: Quality | undefined;

  constructor(private readonly options: Static<typeof Options>) {
    const [generator, discriminator] = [asGenerator(options.generator), asDiscriminator(options.discriminator)];
    checkOneSize(generator, discriminator);
    this.trains = new Map<string, TrainedNetwork>([
      ['generator', generator],
      ['discriminator', discriminator],
    ]);
    const { batch, augmentation = null, quality } = options;
    this.#quality = quality && qualityOf(quality, options.data, batch.size);
    this.result = quality ? 'best' : 'last';
    checkGroups(discriminator, batch.size);
    this.#objective = new GanObjective(generator, discriminator, { ...options, batch: batch.size, augmentation });
  }

  get iterations(): number {
    return this.options.iterations;
  }

  warnings(): string[] {
    const { optimizers, ema, batch, iterations } = this.options;
    // With a ramp-up the average forgets the first weights at once.
    const decay = ema.rampUp > 0 ? 0 : 0.5 ** (batch.size / ema.halfLife);
    return [
      ...optimizerWarnings(optimizers, iterations),
      ...warningsOf('ema', emaWarnings(decay, iterations, this.#objective.generator.fresh === true)),
      ...intervalWarnings(this.options),
    ];
  }

  async prepare(): Promise<void> {
    const { data } = this.options;
    await data.prepare();
    const { reference, module } = this.#objective.generator;
    checkExactSize(reference, module.size, data, 'of the training images');
    if (this.#quality) checkRealImages(this.#quality);
  }

  async train(context: StageContext): Promise<Trained> {
    const { options } = this;
    await this.prepare();
    const training = new GanTraining(this.#objective, {
      generator: lazily(
        options.optimizers.generator,
        options.pathLength.weight > 0 ? options.pathLength.every : undefined,
      ),
      discriminator: lazily(options.optimizers.discriminator, options.r1.gamma > 0 ? options.r1.every : undefined),
    });
    const random = new Random(context.seed);
    const sampling = { stream: 'batch', size: options.batch.size, augment: { ...options.augment, rotate: false } };
    const batches = prefetched(context, options, sampling);
    const runtime = runtimeOf(context, options.runtime);
    const steps = new GanSteps(training, (step) => runnable(step, runtime));
    const { generator } = this.#objective;
    const { average } = training.ema;
    const grid = new SampleGrid(options.samples, generator, average, context);
    const quality = this.#quality && new GeneratorQuality(this.#quality, generator, average, context);

    try {
      return await trainingLoop(
        {
          iterations: options.iterations,
          state: new TrainingState(context.folder, training.variables),
          headline: ['loss_g', 'loss_d'],
          step: async (iteration) => this.#step(iteration, steps, random, await batches.get(iteration)),
          validations: [grid, quality],
          export: (file) => this.#export(join(context.folder, `${file}.safetensors`), training),
          saveEvery: options.saveEvery,
          logEvery: options.logEvery,
        },
        context,
      );
    } finally {
      await batches.close();
      quality?.dispose();
      steps.dispose();
      training.dispose();
    }
  }

  #step(iteration: number, steps: GanSteps, random: Random, { sharp, shape }: Batch): StepResult {
    const { batch, r1, pathLength, iterations } = this.options;
    const { generator, discriminator } = steps.training.optimizers;
    const rates = {
      learning_rate_g: generator.learningRate(iteration, iterations),
      learning_rate_d: discriminator.learningRate(iteration, iterations),
      images: (iteration + 1) * batch.size,
    };
    const turn = {
      pathLength: pathLength.weight > 0 && iteration % pathLength.every === 0,
      r1: r1.gamma > 0 && iteration % r1.every === 0,
    };
    const stream = random.stream('gan', iteration);
    return tf.tidy(() => {
      const real = toSigned(tf.tensor4d(sharp, shape));
      const seed = tf.tensor1d([stream.uint32() | 0, stream.uint32() | 0], 'int32');
      const scalars = [rates.learning_rate_g, rates.learning_rate_d, this.#emaDecay(iteration)] as const;
      const [generatorRate, discriminatorRate, emaDecay] = scalars.map((value) => tf.scalar(value));
      const varying = [seed, generatorRate!, discriminatorRate!, emaDecay!] as const;
      const results = steps.run(turn, real, ...varying);
      const { finite, ...losses } = numbersOf(results);
      if (Number.isFinite(finite)) return { losses, rates };
      const { variables } = steps.training;
      const run = () => steps.training.iteration(turn, real, ...varying);
      return { losses, rates, notFinite: diagnosis(this.#objective, { run, variables }, real, seed) };
    });
  }

  /** The part of the average that an iteration keeps, so that half is left after `halfLife` images. */
  #emaDecay(iteration: number): number {
    const { batch, ema } = this.options;
    const limit = ema.rampUp > 0 ? iteration * batch.size * ema.rampUp : Infinity;
    return 0.5 ** (batch.size / Math.min(ema.halfLife, limit));
  }

  #export(file: string, { ema }: GanTraining): void {
    const { generator, discriminator } = this.#objective;
    writeResult(file, [
      {
        role: 'generator',
        state: withMeanLatent(generator.parameters, [0, 0]),
        average: withMeanLatent(generator.parameters, [0, 0], ema.average),
      },
      { role: 'discriminator', state: discriminator.parameters.liveStateDict() },
    ]);
  }
}
