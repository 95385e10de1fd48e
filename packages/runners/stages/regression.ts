import { Type, type Static } from '@sinclair/typebox';
import { emaWarnings, losses, optimizers, type Dataset } from '@dualprior/blocks';
import { reference } from '@dualprior/core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { asRestorer, type TrainedRestorer } from '../networks/restorer.ts';
import type { TrainedNetwork } from '../networks/trained-network.ts';
import {
  checkBatches,
  checkCrop,
  checkPairs,
  checkLeastSide,
  checkLossCrop,
  checkSides,
} from '../inference/image-sizes.ts';
import { intervalWarnings, warningsOf } from './common/interval-warnings.ts';
import { refuseNeeds } from './common/loss-terms.ts';
import { augmentOption, croppedBatchOption, intervalOptions } from './common/options.ts';
import { restoration } from './common/restoration.ts';
import { runtimeOption } from './runtime.ts';
import { stages, type Stage, type StageContext, type Trained } from './stage.ts';
import { checkAccumulate } from './training/accumulated.ts';
import { checkProgressive, cropsOf, drawAt, meanSize } from './training/progressive.ts';
import { pairOf, type Pair, type TrainingPlan } from './training/training-plan.ts';
import { train } from './training/train.ts';
import { checkSelecting, selectingMetric, selectionBy, selectOption, type Selecting } from './validation/select.ts';
import { validationOf } from './validation/validation.ts';

const Options = Type.Object({
  network: reference<TrainedNetwork>('networks', { description: 'the restorer to train' }),
  data: reference<Dataset>('data', { description: 'training images' }),
  validation: Type.Optional(
    reference<Dataset>('data', {
      description: 'images that are not trained on; without them there is no best checkpoint',
    }),
  ),
  select: selectOption,
  iterations: Type.Integer({ minimum: 1, description: 'training steps' }),
  batch: croppedBatchOption,
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

/** Trains a restorer on pairs of degraded and sharp images, as NAFNet and HINet are trained by their authors. */
@stages.component({
  type: 'regression',
  description: 'trains a restorer on degraded and sharp images',
  options: Options,
  about: ({ iterations, select, batch }, option) => ({
    data: [option('data')],
    validation: [option('validation')],
    batch: option('batch.size'),
    images: meanSize(batch, iterations),
    runtime: option('runtime'),
    iterations,
    purpose: 'restorer',
    selection: selectionBy(select, option('select')),
  }),
  version: 2,
})
export class RegressionStage implements Stage {
  readonly trains: ReadonlyMap<string, TrainedNetwork>;
  readonly result: 'best' | 'last';
  readonly #network: TrainedRestorer;
  readonly #selecting: Selecting | undefined;

  constructor(private readonly options: Static<typeof Options>) {
    this.#network = asRestorer(options.network);
    refuseNeeds(options.loss, []);
    checkProgressive(options.batch, options.iterations);
    this.trains = new Map([['network', this.#network]]);
    this.#selecting = selectingMetric(options);
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
    checkPairs(data, 'of the training images');
    if (validation) checkPairs(validation, 'of the validation images');
    checkAccumulate(this.#network, batch);
    const crops = cropsOf(batch);
    checkBatches(data, { size: drawAt(batch, 0).size, crop: crops.at(-1) }, augment);
    if (crops.length === 0) {
      checkSides(reference, module.multiple, data, 'of the training images');
      checkLeastSide('The loss', loss.minimumSide, data, 'of the training images');
    }
    for (const crop of crops) {
      checkCrop(reference, module.multiple, crop);
      checkLossCrop(loss.minimumSide, crop);
    }
    if (validation) checkSides(reference, module.multiple, validation, 'of the validation images');
    checkSelecting(this.#selecting, validation);
  }

  async train(context: StageContext): Promise<Trained> {
    await this.prepare();
    return train(this.#plan(context), this.options, context);
  }

  #plan(context: StageContext): TrainingPlan<Pair> {
    const network = this.#network;
    const { loss, optimizer, ema } = this.options;
    return {
      networks: {
        network: {
          network,
          optimizer,
          rate: 'learning_rate',
          average: ema && (() => ema.decay),
          statistics: true,
          savedAs: 'parameters',
        },
      },
      phases: [restoration(network.module, loss)],
      losses: [loss],
      inputs: pairOf,
      validations: ({ network: learned }, { compile }) => {
        const make = (degraded: Tensor4D) => network.restore(degraded, learned!.numbers);
        return [validationOf(this.options, { trained: { name: 'restored', make } }, { compile, ranks: true }, context)];
      },
    };
  }
}
