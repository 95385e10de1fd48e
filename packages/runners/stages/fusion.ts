import { join } from 'node:path';
import { losses, optimizers, type Batch, type Dataset } from '@dualprior/blocks';
import { gradientsOf, reference, type Differentiated, type RunnableStep } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Rank, Scalar, Tensor1D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import { asFuser, type TrainedFuser } from '../networks/inversion-networks.ts';
import type { TrainedNetwork } from '../networks/trained-network.ts';
import { DualPrior } from '../networks/dual-prior.ts';
import { departuresFrom, EQUATION_3 } from './departures.ts';
import { checked } from './finite-guard.ts';
import { firstNotFinite, type Update } from './first-not-finite.ts';
import { intervalWarnings, warningsOf } from './interval-warnings.ts';
import { prepareSquares } from './prepare-squares.ts';
import { namedTerms, numbersOf, refuseNeeds } from './loss-terms.ts';
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
  regressor: network('R, as it was trained; it stays as it is'),
  encoder: network('E, as stage 1 left it; it stays as it is'),
  generator: network('G, as stage 1 left it; it stays as it is'),
  fusion: network('F'),
  data: reference<Dataset>('data', { description: 'training images' }),
  validation: Type.Optional(
    reference<Dataset>('data', {
      description: 'images held out of the training images; without them there is no best checkpoint',
    }),
  ),
  iterations: Type.Integer({ minimum: 1, default: 40_000, description: 'training steps' }),
  batch: batchOption(8),
  augment: augmentOption,
  loss: losses.option({
    default: {
      type: 'weighted-sum',
      terms: [
        { weight: 1, loss: { type: 'l1' } },
        { weight: 10, loss: { type: 'lpips' } },
        { weight: 1, loss: { type: 'fusion-contextual' } },
      ],
    },
    description: 'L_F; the default is equation 3',
  }),
  optimizer: optimizers.option({
    default: { ...adamOf(1e-3, 0.9, 0.999), schedule: { type: 'multistep', milestones: [8000], gamma: 0.1 } },
    description: 'of F',
  }),
  ...intervalOptions,
  runtime: runtimeOption,
});

type WithBuffers = NamedTensorMap & { readonly buffers: Tensor1D };
type Arguments = [degraded: Tensor4D, sharp: Tensor4D, rate: Scalar];
type Step = RunnableStep<Arguments, NamedTensorMap>;

/** Stage 2 of the paper: learns to join x_R and x_G; all other networks stay as they are (section 2.4, equation 3). */
@stages.component({
  type: 'fusion',
  description: 'trains the fusion of regressed and inverted images (stage 2, equation 3)',
  options: Options,
  about: ({ iterations, loss }, option) => ({
    data: [option('data')],
    validation: [option('validation')],
    batch: option('batch.size'),
    runtime: option('runtime'),
    iterations,
    purpose: 'dual-prior',
    departures: departuresFrom(EQUATION_3, loss),
  }),
})
export class FusionStage implements Stage {
  readonly trains: ReadonlyMap<string, TrainedNetwork>;
  readonly result: 'best' | 'last';
  readonly #prior: DualPrior;
  readonly #fusion: TrainedFuser;

  constructor(private readonly options: Static<typeof Options>) {
    this.#prior = new DualPrior(options);
    this.#fusion = asFuser(options.fusion);
    refuseNeeds(options.loss, ['regressed', 'inverted']);
    this.trains = new Map([['fusion', this.#fusion]]);
    this.result = options.validation ? 'best' : 'last';
  }

  get iterations(): number {
    return this.options.iterations;
  }

  warnings(): string[] {
    const { optimizer, iterations } = this.options;
    return [...warningsOf('optimizer', optimizer.warnings(iterations)), ...intervalWarnings(this.options)];
  }

  async prepare(): Promise<void> {
    await prepareSquares(this.#prior.generator.reference, this.#prior.size, this.options);
  }

  async train(context: StageContext): Promise<Trained> {
    const { options } = this;
    const { parameters } = this.#fusion;
    await this.prepare();
    await options.loss.prepare?.();

    const optimizerState = options.optimizer.state(parameters.count);
    const variables = new Map<string, Variable<Rank.R1>>([['fusion', parameters.vector]]);
    for (const [name, variable] of optimizerState) variables.set(`optimizer.${name}`, variable);
    if (parameters.buffers.size > 0) variables.set('buffers', parameters.buffers);

    const update = (...[degraded, sharp, rate]: Arguments): NamedTensorMap => {
      const { regressed, inverted } = this.#upstream(degraded);
      const { loss, gradients, seen } = gradientsOf([parameters], () => this.#loss(regressed, inverted, sharp));
      const { buffers, ...terms } = seen;
      options.optimizer.update(parameters.vector, gradients[0]!, optimizerState, rate);
      parameters.buffers.assign(buffers);
      const others = [...options.optimizer.witnesses(optimizerState), rate, parameters.buffers];
      return { loss: checked(loss, others), ...terms };
    };
    const sampling = { stream: 'batch', ...options.batch, augment: options.augment };
    const batches = prefetched(context, options, sampling);
    const runtime = runtimeOf(context, options.runtime);
    const step: Step = runnable(update, runtime);
    const validation = validationOf(options, this.#views, { compile: runtime.compile, ranks: true }, context);

    try {
      return await trainingLoop(
        {
          iterations: options.iterations,
          state: new TrainingState(context.folder, variables),
          step: async (iteration) =>
            this.#step(iteration, { step: update, variables }, step, await batches.get(iteration)),
          validations: [validation],
          export: (file) =>
            writeResult(join(context.folder, `${file}.safetensors`), [
              { role: 'fusion', state: parameters.liveStateDict() },
            ]),
          saveEvery: options.saveEvery,
          logEvery: options.logEvery,
        },
        context,
      );
    } finally {
      await batches.close();
      validation?.dispose();
      step.dispose();
      options.loss.dispose?.();
      for (const variable of optimizerState.values()) variable.dispose();
    }
  }

  /** x_R and x_G, which learn nothing here: no gradient goes through them. */
  #upstream(degraded: Tensor4D): { regressed: Tensor4D; inverted: Tensor4D } {
    const regressed = this.#prior.regress(degraded);
    return { regressed, inverted: this.#prior.invert(regressed) };
  }

  get #views(): StageViews {
    const { module, parameters } = this.#fusion;
    return {
      frozen: {
        names: ['x_R', 'x_G'],
        make: (degraded) => {
          const { regressed, inverted } = this.#upstream(degraded);
          return [regressed, inverted];
        },
      },
      trained: {
        name: 'x_hat',
        make: (_degraded, regressed, inverted) => parameters.use(() => module.fuse(regressed!, inverted!)),
      },
    };
  }

  #loss(regressed: Tensor4D, inverted: Tensor4D, sharp: Tensor4D): Differentiated<WithBuffers> {
    const { module, parameters } = this.#fusion;
    const { result, buffers } = parameters.train(() => module.fuse(regressed, inverted));
    const { loss, seen } = namedTerms(this.options.loss, result, sharp, { regressed, inverted });
    return { loss, seen: { ...seen, buffers } };
  }

  #step(iteration: number, update: Update<Arguments>, step: Step, { degraded, sharp, shape }: Batch): StepResult {
    const { optimizer, iterations } = this.options;
    const rates = { learning_rate: optimizer.learningRate(iteration, iterations) };
    return tf.tidy(() => {
      const images: [Tensor4D, Tensor4D] = [tf.tensor4d(degraded, shape), tf.tensor4d(sharp, shape)];
      const values: Arguments = [...images, tf.scalar(rates.learning_rate)];
      const losses = numbersOf(step.run(...values));
      if (Number.isFinite(losses['loss'])) return { losses, rates };
      const { regressed, inverted } = this.#upstream(images[0]);
      const loss = () => this.#loss(regressed, inverted, images[1]).loss;
      return { losses, rates, notFinite: firstNotFinite(this.#fusion.parameters, loss, update, ...values) };
    });
  }
}
