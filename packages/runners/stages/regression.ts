import { join } from 'node:path';
import { Type, type Static } from '@sinclair/typebox';
import { Ema, emaWarnings, losses, optimizers, type Batch, type Dataset } from '@dualprior/blocks';
import { reference, type RunnableStep } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { asRestorer, type TrainedRestorer } from '../networks/restorer.ts';
import type { TrainedNetwork } from '../networks/trained-network.ts';
import { firstNotFinite, type Update } from './first-not-finite.ts';
import {
  checkBatches,
  checkCrop,
  checkDegrades,
  checkLeastSide,
  checkLossCrop,
  checkSides,
} from '../inference/image-sizes.ts';
import { intervalWarnings, warningsOf } from './interval-warnings.ts';
import { numbersOf, refuseNeeds } from './loss-terms.ts';
import { augmentOption, intervalOptions } from './options.ts';
import { regressionStep, restorationLoss, stepVariables } from './regression-step.ts';
import { prefetched } from './prefetched.ts';
import { writeResult } from '../store/result-file.ts';
import { runnable, runtimeOf, runtimeOption } from './runtime.ts';
import { stages, type Stage, type StageContext, type Trained } from './stage.ts';
import { trainingLoop, type StepResult } from './training-loop.ts';
import { TrainingState } from '../store/training-state.ts';
import { validationOf } from './validation.ts';

const Options = Type.Object({
  network: reference<TrainedNetwork>('networks', { description: 'the restorer to train' }),
  data: reference<Dataset>('data', { description: 'training images' }),
  validation: Type.Optional(
    reference<Dataset>('data', {
      description: 'images held out of the training images; without them there is no best checkpoint',
    }),
  ),
  iterations: Type.Integer({ minimum: 1, description: 'training steps' }),
  batch: Type.Object(
    {
      size: Type.Integer({ minimum: 1, maximum: 4096, default: 8, description: 'images a step' }),
      crop: Type.Optional(
        Type.Integer({
          minimum: 8,
          maximum: 8192,
          description: 'side of a random square, in pixels; the whole image if absent',
        }),
      ),
    },
    { default: {}, additionalProperties: false },
  ),
  augment: augmentOption,
  loss: losses.option({
    default: { type: 'psnr' },
    description: 'summed over all outputs of the network (HINet has two)',
  }),
  optimizer: optimizers.option({ default: { type: 'adamw' }, description: 'of the network' }),
  ema: Type.Optional(
    Type.Object(
      { decay: Type.Number({ minimum: 0, exclusiveMaximum: 1, description: 'of the exponential moving average' }) },
      { additionalProperties: false, description: 'validate and keep an average of the weights' },
    ),
  ),
  ...intervalOptions,
  runtime: runtimeOption,
});

type Arguments = [degraded: Tensor4D, sharp: Tensor4D, learningRate: Scalar];

/** Trains a restorer on pairs of degraded and sharp images, as NAFNet and HINet are trained by their authors. */
@stages.component({
  type: 'regression',
  description: 'trains a restorer on degraded and sharp images',
  options: Options,
  about: ({ iterations }, option) => ({
    data: [option('data')],
    validation: [option('validation')],
    batch: option('batch.size'),
    runtime: option('runtime'),
    iterations,
    purpose: 'restorer',
  }),
  version: 2,
})
export class RegressionStage implements Stage {
  readonly trains: ReadonlyMap<string, TrainedNetwork>;
  readonly result: 'best' | 'last';
  readonly #network: TrainedRestorer;

  constructor(private readonly options: Static<typeof Options>) {
    this.#network = asRestorer(options.network);
    refuseNeeds(options.loss, []);
    this.trains = new Map([['network', this.#network]]);
    this.result = options.validation ? 'best' : 'last';
  }

  get iterations(): number {
    return this.options.iterations;
  }

  warnings(): string[] {
    const { optimizer, ema, iterations } = this.options;
    return [
      ...warningsOf('optimizer', optimizer.warnings(iterations)),
      ...(ema ? warningsOf('ema', emaWarnings(ema.decay, iterations, this.#network.fresh === true)) : []),
      ...intervalWarnings(this.options),
    ];
  }

  async prepare(): Promise<void> {
    const { data, validation, batch, augment, loss } = this.options;
    const { reference, module } = this.#network;
    await data.prepare();
    await validation?.prepare();
    checkDegrades(data, 'of the training images');
    if (validation) checkDegrades(validation, 'of the validation images');
    checkBatches(data, batch, augment);
    if (batch.crop === undefined) checkSides(reference, module.multiple, data, 'of the training images');
    else checkCrop(reference, module.multiple, batch.crop);
    if (batch.crop === undefined) checkLeastSide('The loss', loss.minimumSide, data, 'of the training images');
    else checkLossCrop(loss.minimumSide, batch.crop);
    if (validation) checkSides(reference, module.multiple, validation, 'of the validation images');
  }

  async train(context: StageContext): Promise<Trained> {
    const { options } = this;
    const { parameters, module } = this.#network;
    await this.prepare();
    await options.loss.prepare?.();

    const optimizerState = options.optimizer.state(parameters.count);
    const ema = options.ema && new Ema(parameters.vector, options.ema.decay);
    const average = ema?.average ?? parameters.vector;
    const { loss, optimizer } = options;
    const all = { module, parameters, loss, optimizer, optimizerState, ema };
    const variables = stepVariables(all);

    const sampling = { stream: 'batch', ...options.batch, augment: options.augment };
    const batches = prefetched(context, options, sampling);
    const runtime = runtimeOf(context, options.runtime);
    const restore = (degraded: Tensor4D) => parameters.use(() => module.restore(degraded).image, average);
    const views = { trained: { name: 'restored', make: restore } };
    const validation = validationOf(options, views, { compile: runtime.compile, ranks: true }, context);

    const update = { step: regressionStep(all), variables };
    const step = runnable(update.step, runtime);

    try {
      return await trainingLoop(
        {
          iterations: options.iterations,
          state: new TrainingState(context.folder, variables),
          step: async (iteration) => {
            const learningRate = options.optimizer.learningRate(iteration, options.iterations);
            const batch = await batches.get(iteration);
            return this.#run(update, step, batch, learningRate);
          },
          validations: [validation],
          export: (file) => {
            const state = parameters.liveStateDict();
            const averaged = ema && parameters.liveStateDict(ema.average);
            writeResult(join(context.folder, `${file}.safetensors`), [{ role: 'network', state, average: averaged }]);
          },
          saveEvery: options.saveEvery,
          logEvery: options.logEvery,
        },
        context,
      );
    } finally {
      await batches.close();
      step.dispose();
      options.loss.dispose?.();
      validation?.dispose();
      for (const variable of optimizerState.values()) variable.dispose();
      ema?.average.dispose();
    }
  }

  #run(
    update: Update<Arguments>,
    step: RunnableStep<Arguments, NamedTensorMap>,
    { degraded, sharp, shape }: Batch,
    learningRate: number,
  ): StepResult {
    return tf.tidy(() => {
      const images: [Tensor4D, Tensor4D] = [tf.tensor4d(degraded, shape), tf.tensor4d(sharp, shape)];
      const values: Arguments = [...images, tf.scalar(learningRate)];
      const losses = numbersOf(step.run(...values));
      const result = { losses, rates: { learning_rate: learningRate } };
      if (Number.isFinite(losses['loss'])) return result;
      const { module, parameters } = this.#network;
      const again = () => restorationLoss({ module, loss: this.options.loss }, ...images).loss;
      return { ...result, notFinite: firstNotFinite(parameters, again, update, ...values) };
    });
  }
}
