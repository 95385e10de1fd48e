import { join } from 'node:path';
import { emaWarnings, type Batch, type Dataset, type Loss, type Optimizer } from '@dualprior/blocks';
import { Random, type RunnableStep } from '@dualprior/core';
import type { Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import {
  asDiscriminator,
  asGenerator,
  checkGroups,
  checkOneSize,
  type TrainedDiscriminator,
  type TrainedGenerator,
} from '../../networks/gan-networks.ts';
import {
  asPriorRestorer,
  beginWithPrior,
  checkPrior,
  type TrainedPriorRestorer,
} from '../../networks/prior-restorer.ts';
import type { TrainedNetwork } from '../../networks/trained-network.ts';
import { firstNotFiniteIn, type Look } from '../first-not-finite.ts';
import { checkLeastSide } from '../../inference/image-sizes.ts';
import { intervalWarnings, optimizerWarnings, warningsOf } from '../interval-warnings.ts';
import { numbersOf, refuseNeeds } from '../loss-terms.ts';
import { prefetched } from '../prefetched.ts';
import { prepareSquares } from '../prepare-squares.ts';
import { writeResult } from '../../store/result-file.ts';
import { runnable, runtimeOf, type runtimeOption } from '../runtime.ts';
import type { Stage, StageContext, Trained } from '../stage.ts';
import { trainingLoop, type StepResult } from '../training-loop.ts';
import { TrainingState } from '../../store/training-state.ts';
import { validationOf } from '../validation.ts';
import { Judge, type R1Options } from './judge.ts';
import type { RestorerTraining } from './restorer-training.ts';

export interface RestorerOptions {
  readonly network: TrainedNetwork;
  readonly prior?: TrainedNetwork | undefined;
  readonly discriminator: TrainedNetwork;
  readonly data: Dataset;
  readonly validation?: Dataset | undefined;
  readonly iterations: number;
  readonly batch: { readonly size: number };
  readonly augment: { readonly flip: boolean };
  readonly loss: Loss;
  readonly identity: Loss;
  readonly discriminatorLoss: Loss;
  readonly r1: R1Options;
  readonly optimizers: { readonly network: Optimizer; readonly discriminator: Optimizer };
  readonly ema: { readonly decay: number };
  readonly validateEvery: number;
  readonly saveEvery: number;
  readonly logEvery: number;
  readonly runtime: Static<typeof runtimeOption>;
}

type Arguments = [degraded: Tensor4D, sharp: Tensor4D, seed: Tensor1D, ...varying: Tensor[]];
type Step = RunnableStep<Arguments, NamedTensorMap>;
export type RestorerIteration = (...values: Arguments) => NamedTensorMap;

/** A stage that trains a restorer around a generator with a discriminator; what differs is an iteration. */
export abstract class RestorerStage<
  Options extends RestorerOptions,
  Training extends RestorerTraining,
> implements Stage {
  readonly trains: ReadonlyMap<string, TrainedNetwork>;
  readonly result = 'last';
  protected readonly network: TrainedPriorRestorer;
  protected readonly discriminator: TrainedDiscriminator;
  readonly #prior: TrainedGenerator | undefined;

  /** @param others what it trains besides, by role */
  constructor(
    protected readonly options: Options,
    others: ReadonlyMap<string, TrainedNetwork> = new Map(),
  ) {
    this.network = asPriorRestorer(options.network);
    this.discriminator = asDiscriminator(options.discriminator);
    this.#prior = options.prior && asGenerator(options.prior);
    if (this.#prior) checkPrior(this.network, this.#prior);
    checkOneSize(this.network, this.discriminator);
    checkGroups(this.discriminator, options.batch.size);
    refuseNeeds(options.loss, ['logits']);
    if (this.identity) refuseNeeds(this.identity, []);
    refuseNeeds(options.discriminatorLoss, ['logits', 'targetLogits']);
    this.trains = new Map<string, TrainedNetwork>([
      ['network', this.network],
      ['discriminator', this.discriminator],
      ...others,
    ]);
  }

  get iterations(): number {
    return this.options.iterations;
  }

  warnings(): string[] {
    const { optimizers, ema, iterations } = this.options;
    return [
      ...optimizerWarnings(optimizers, iterations),
      ...warningsOf('ema', emaWarnings(ema.decay, iterations, this.network.fresh === true)),
      ...intervalWarnings(this.options),
    ];
  }

  async prepare(): Promise<void> {
    const { identity } = this;
    await prepareSquares(this.network.reference, this.network.module.size, this.options);
    checkLeastSide('The identity loss', identity?.minimumSide, this.options.data, 'of the training images');
  }

  async train(context: StageContext): Promise<Trained> {
    const { options, network, identity } = this;
    const { parameters, module } = network;
    await this.prepare();
    await options.loss.prepare?.();
    await identity?.prepare?.();
    if (this.#prior) context.console.info(`  ${beginWithPrior(network, this.#prior)}`);
    if (!identity) context.console.info(`  no identity loss: ${options.identity.absent!}`);

    const training = this.begin(new Judge(this.discriminator, options.discriminatorLoss, options.r1));
    const sampling = { stream: 'batch', ...options.batch, augment: { ...options.augment, rotate: false } };
    const batches = prefetched(context, options, sampling);
    const runtime = runtimeOf(context, options.runtime);
    const steps = this.forms(training).map((form): Step => runnable(form, runtime));
    const random = new Random(context.seed);
    const restore = (degraded: Tensor4D) => parameters.use(() => module.restore(degraded).image, training.ema.average);
    const views = { trained: { name: 'restored', make: restore } };
    const validation = validationOf(options, views, { compile: runtime.compile, ranks: false }, context);

    try {
      return await trainingLoop(
        {
          iterations: options.iterations,
          state: new TrainingState(context.folder, training.variables),
          headline: ['loss', 'loss_d'],
          step: async (iteration) => {
            const step = steps[this.form(training, iteration)]!;
            return this.#step(iteration, training, step, random, await batches.get(iteration));
          },
          validations: [validation],
          export: (file) => this.#export(join(context.folder, `${file}.safetensors`), training),
          saveEvery: options.saveEvery,
          logEvery: options.logEvery,
        },
        context,
      );
    } finally {
      await batches.close();
      validation?.dispose();
      for (const step of steps) step.dispose();
      options.loss.dispose?.();
      identity?.dispose?.();
      training.dispose();
    }
  }

  /** What knows faces, where it has weights. */
  protected get identity(): Loss | undefined {
    const { identity } = this.options;
    return identity.absent === undefined ? identity : undefined;
  }

  /** The training before its first iteration. */
  protected abstract begin(judge: Judge): Training;

  /** The forms that an iteration has: of degraded and sharp images, a seed, the rates of both networks, and what `annealed` and `known` give. */
  protected abstract forms(training: Training): RestorerIteration[];

  /** Which of them an iteration takes. */
  protected abstract form(training: Training, iteration: number): number;

  /** What else changes from iteration to iteration. */
  protected annealed(_iteration: number): number[] {
    return [];
  }

  /** What else is known of the images of a batch. */
  protected known(_batch: Batch): Tensor[] {
    return [];
  }

  /** The parts of an iteration in which a number may be not finite first. */
  protected abstract looks(
    training: Training,
    degraded: Tensor4D,
    sharp: Tensor4D,
    seed: Tensor1D,
    ...known: Tensor[]
  ): Look[];

  #step(iteration: number, training: Training, step: Step, random: Random, batch: Batch): StepResult {
    const { network, discriminator } = training.optimizers;
    const rates = {
      learning_rate: network.learningRate(iteration, this.iterations),
      learning_rate_d: discriminator.learningRate(iteration, this.iterations),
    };
    const stream = random.stream('restorer', iteration);
    return tf.tidy(() => {
      const images = [batch.degraded, batch.sharp].map((values) => tf.tensor4d(values, batch.shape));
      const [degraded, sharp] = images as [Tensor4D, Tensor4D];
      const seed = tf.tensor1d([stream.uint32() | 0, stream.uint32() | 0], 'int32');
      const scalars = [...Object.values(rates), ...this.annealed(iteration)].map((value) => tf.scalar(value));
      const known = this.known(batch);
      const { finite, ...losses } = numbersOf(step.run(degraded, sharp, seed, ...scalars, ...known));
      if (Number.isFinite(finite)) return { losses, rates };
      const form = this.forms(training)[this.form(training, iteration)]!;
      const run = () => form(degraded, sharp, seed, ...scalars, ...known);
      const update = { run, variables: training.variables, networks: this.trains };
      return {
        losses,
        rates,
        notFinite: firstNotFiniteIn(this.looks(training, degraded, sharp, seed, ...known), update),
      };
    });
  }

  #export(file: string, { ema }: Training): void {
    const { parameters } = this.network;
    writeResult(file, [
      { role: 'network', state: parameters.liveStateDict(), average: parameters.liveStateDict(ema.average) },
      ...[...this.trains]
        .filter(([role]) => role !== 'network')
        .map(([role, { parameters: own }]) => ({ role, state: own.liveStateDict() })),
    ]);
  }
}
