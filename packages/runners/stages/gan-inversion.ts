import { join } from 'node:path';
import { losses, optimizers, type Batch, type Dataset } from '@dualprior/blocks';
import { reference, type RunnableStep } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { asDiscriminator, checkGroups, checkOneSize, type TrainedDiscriminator } from '../networks/gan-networks.ts';
import type { TrainedNetwork } from '../networks/trained-network.ts';
import { DualPrior } from '../networks/dual-prior.ts';
import { Judge } from './adversarial/judge.ts';
import { r1Option } from './adversarial/options.ts';
import { departuresFrom, EQUATION_2 } from './departures.ts';
import { firstNotFiniteIn, type Look } from './first-not-finite.ts';
import { lazily } from './gan/gan-training.ts';
import { intervalWarnings, optimizerWarnings } from './interval-warnings.ts';
import { prepareSquares } from './prepare-squares.ts';
import { InversionTraining } from './inversion/inversion-training.ts';
import { numbersOf, refuseNeeds } from './loss-terms.ts';
import { adamOf, augmentOption, batchOption, intervalOptions } from './options.ts';
import { prefetched } from './prefetched.ts';
import { writeResult } from '../store/result-file.ts';
import { runnable, runtimeOf, runtimeOption } from './runtime.ts';
import type { StageViews } from './stage-views.ts';
import { stages, type Stage, type StageContext, type Trained } from './stage.ts';
import { trainingLoop, type StepResult } from './training-loop.ts';
import { TrainingState } from '../store/training-state.ts';
import { validationOf } from './validation.ts';

const network = (description: string) => reference<TrainedNetwork>('networks', { description });

const Options = Type.Object({
  regressor: network('R, trained beforehand; it stays as it is'),
  encoder: network('E'),
  generator: network('G, trained on from the prior'),
  discriminator: network('D, trained on from the prior'),
  data: reference<Dataset>('data', { description: 'training images' }),
  validation: Type.Optional(reference<Dataset>('data', { description: 'images held out of the training images' })),
  iterations: Type.Integer({ minimum: 1, default: 40_000, description: 'training steps' }),
  batch: batchOption(8),
  augment: augmentOption,
  loss: losses.option({
    default: {
      type: 'weighted-sum',
      terms: [
        { weight: 1, loss: { type: 'l1' } },
        { weight: 10, loss: { type: 'lpips' } },
        { weight: 0.3, loss: { type: 'gan-nonsaturating' } },
      ],
    },
    description: 'L_E of E and G; the default is equation 2',
  }),
  discriminatorLoss: losses.option({ default: { type: 'gan-logistic' }, description: 'of D' }),
  r1: Type.Object(
    {
      ...r1Option("weight of D's R1 penalty; 0: none (paper silent)").properties,
      slows: Type.Boolean({
        default: false,
        description:
          "slow D's rate and betas down for its turns, as StyleGAN2 does; by default they are used as written, as the paper's 2.5e-5 is",
      }),
    },
    { default: {}, additionalProperties: false },
  ),
  optimizers: Type.Object(
    {
      encoder: optimizers.option({ default: adamOf(1e-4, 0, 0.99), description: 'of E' }),
      generator: optimizers.option({ default: adamOf(1e-4, 0, 0.99), description: 'of G' }),
      discriminator: optimizers.option({
        default: adamOf(2.5e-5, 0, 0.99),
        description: 'of D; its rate is the one that is used, unless `r1.slows`',
      }),
    },
    { default: {}, additionalProperties: false },
  ),
  ...intervalOptions,
  runtime: runtimeOption,
});

type Step = RunnableStep<[Tensor4D, Tensor4D, Scalar, Scalar, Scalar], NamedTensorMap>;

/**
 * Stage 1 of the paper: learns to invert what the regression network makes of degraded images, through a generator that is
 * trained on with its discriminator (section 2.4, equation 2).
 */
@stages.component({
  type: 'gan-inversion',
  description: 'trains encoder, generator and discriminator to invert regressed images (stage 1, equation 2)',
  options: Options,
  about: ({ iterations, generator, discriminator, loss }, option) => ({
    data: [option('data')],
    validation: [option('validation')],
    batch: option('batch.size'),
    runtime: option('runtime'),
    iterations,
    purpose: 'dual-prior',
    priors: [generator, discriminator],
    departures: departuresFrom(EQUATION_2, loss),
  }),
})
export class GanInversionStage implements Stage {
  readonly trains: ReadonlyMap<string, TrainedNetwork>;
  readonly result = 'last';
  readonly #prior: DualPrior;
  readonly #discriminator: TrainedDiscriminator;

  constructor(private readonly options: Static<typeof Options>) {
    this.#prior = new DualPrior(options);
    this.#discriminator = asDiscriminator(options.discriminator);
    checkOneSize(this.#prior.generator, this.#discriminator);
    checkGroups(this.#discriminator, options.batch.size);
    refuseNeeds(options.loss, ['logits', 'regressed']);
    refuseNeeds(options.discriminatorLoss, ['logits', 'targetLogits']);
    const { encoder, generator } = this.#prior;
    this.trains = new Map<string, TrainedNetwork>([
      ['encoder', encoder],
      ['generator', generator],
      ['discriminator', this.#discriminator],
    ]);
  }

  get iterations(): number {
    return this.options.iterations;
  }

  warnings(): string[] {
    const { optimizers, iterations } = this.options;
    return [...optimizerWarnings(optimizers, iterations), ...intervalWarnings(this.options)];
  }

  async prepare(): Promise<void> {
    await prepareSquares(this.#prior.generator.reference, this.#prior.size, this.options);
  }

  async train(context: StageContext): Promise<Trained> {
    const { options } = this;
    await this.prepare();
    await options.loss.prepare?.();
    const { optimizers, r1 } = options;
    const judge = new Judge(this.#discriminator, options.discriminatorLoss, r1);
    const training = new InversionTraining(this.#prior, judge, options.loss, {
      ...optimizers,
      discriminator: lazily(optimizers.discriminator, r1.slows && r1.gamma > 0 ? r1.every : undefined),
    });
    const sampling = { stream: 'batch', ...options.batch, augment: options.augment };
    const batches = prefetched(context, options, sampling);
    const runtime = runtimeOf(context, options.runtime);
    const plain: Step = runnable((...values) => training.iteration(false, ...values), runtime);
    const withR1: Step = runnable((...values) => training.iteration(true, ...values), runtime);
    const views: StageViews = {
      frozen: { names: ['x_R'], make: (degraded) => [this.#prior.regress(degraded)] },
      trained: { name: 'x_G', make: (_degraded, regressed) => this.#prior.invert(regressed!) },
    };
    const validation = validationOf(options, views, { compile: runtime.compile, ranks: false }, context);

    try {
      return await trainingLoop(
        {
          iterations: options.iterations,
          state: new TrainingState(context.folder, training.variables),
          headline: ['loss', 'loss_d'],
          step: async (iteration) => {
            const step = judge.hasR1(iteration) ? withR1 : plain;
            return this.#step(iteration, training, step, await batches.get(iteration));
          },
          validations: [validation],
          export: (file) =>
            writeResult(
              join(context.folder, `${file}.safetensors`),
              [...this.trains].map(([role, { parameters }]) => ({ role, state: parameters.liveStateDict() })),
            ),
          saveEvery: options.saveEvery,
          logEvery: options.logEvery,
        },
        context,
      );
    } finally {
      await batches.close();
      validation?.dispose();
      plain.dispose();
      withR1.dispose();
      options.loss.dispose?.();
      training.dispose();
    }
  }

  #step(iteration: number, training: InversionTraining, step: Step, { degraded, sharp, shape }: Batch): StepResult {
    const { encoder, generator, discriminator } = training.optimizers;
    const rate = (optimizer: typeof encoder) => optimizer.learningRate(iteration, this.options.iterations);
    const rates = {
      learning_rate_e: rate(encoder),
      learning_rate_g: rate(generator),
      learning_rate_d: rate(discriminator),
    };
    return tf.tidy(() => {
      const images: [Tensor4D, Tensor4D] = [tf.tensor4d(degraded, shape), tf.tensor4d(sharp, shape)];
      const scalars = Object.values(rates).map((value) => tf.scalar(value)) as [Scalar, Scalar, Scalar];
      const { finite, ...curves } = numbersOf(step.run(...images, ...scalars));
      if (Number.isFinite(finite)) return { losses: curves, rates };
      const run = () => training.iteration(training.judge.hasR1(iteration), ...images, ...scalars);
      return { losses: curves, rates, notFinite: this.#diagnosis(training, run, ...images) };
    });
  }

  #diagnosis(training: InversionTraining, run: () => NamedTensorMap, degraded: Tensor4D, sharp: Tensor4D): string {
    const { encoder, generator } = this.#prior;
    const { parameters } = this.#discriminator;
    const regressed = this.#prior.regress(degraded);
    const inversion = () => parameters.use(() => training.inversionLoss(regressed, sharp).loss);
    const judged = () => training.judge.loss(this.#prior.invert(regressed), sharp).loss;
    const looks: Look[] = [
      ['the encoder', encoder.parameters, () => generator.parameters.use(inversion)],
      ['the generator', generator.parameters, () => encoder.parameters.use(inversion)],
      ['the discriminator', parameters, judged],
      ['R1', parameters, () => training.judge.r1(sharp).loss],
    ];
    return firstNotFiniteIn(looks, { run, variables: training.variables, networks: this.trains });
  }
}
