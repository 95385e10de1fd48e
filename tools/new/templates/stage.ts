import { losses, optimizers, type Dataset } from '@dualprior/blocks';
import { reference } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { checkBatches, checkPairs } from '../../../packages/runners/inference/image-sizes.ts';
import { asRestorer, type TrainedRestorer } from '../../../packages/runners/networks/restorer.ts';
import type { TrainedNetwork } from '../../../packages/runners/networks/trained-network.ts';
import { intervalWarnings, warningsOf } from '../../../packages/runners/stages/common/interval-warnings.ts';
import { refuseNeeds } from '../../../packages/runners/stages/common/loss-terms.ts';
import {
  adamOf,
  augmentOption,
  batchOption,
  intervalOptions,
} from '../../../packages/runners/stages/common/options.ts';
import { runtimeOption } from '../../../packages/runners/stages/runtime.ts';
import { stages, type Stage, type StageContext, type Trained } from '../../../packages/runners/stages/stage.ts';
import { pairOf, type Pair, type TrainingPlan } from '../../../packages/runners/stages/training/training-plan.ts';
import { train } from '../../../packages/runners/stages/training/train.ts';
import { validationOf } from '../../../packages/runners/stages/validation/validation.ts';

const Options = Type.Object({
  network: reference<TrainedNetwork>('networks', { description: 'the restorer to train' }),
  data: reference<Dataset>('data', { description: 'training images' }),
  validation: Type.Optional(reference<Dataset>('data', { description: 'images held out of the training images' })),
  iterations: Type.Integer({ minimum: 1, description: 'training steps' }),
  batch: batchOption(8),
  augment: augmentOption,
  loss: losses.option({ default: { type: 'l1' }, description: 'of the restored image' }),
  optimizer: optimizers.option({ default: adamOf(1e-3, 0.9, 0.999), description: 'of the network' }),
  ...intervalOptions,
  runtime: runtimeOption,
});

/** Trains a restorer with one loss. TODO: what your stage trains, and its source. */
@stages.component({
  type: 'my-stage',
  description: 'trains a restorer with one loss',
  options: Options,
  about: ({ iterations }, option) => ({
    data: [option('data')],
    validation: [option('validation')],
    batch: option('batch.size'),
    runtime: option('runtime'),
    iterations,
    purpose: 'restorer',
  }),
})
export class MyStage implements Stage {
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
    const { optimizer, iterations } = this.options;
    return [...warningsOf('optimizer', optimizer.warnings(iterations)), ...intervalWarnings(this.options)];
  }

  async prepare(): Promise<void> {
    const { data, validation, batch, augment } = this.options;
    await data.prepare();
    await validation?.prepare();
    checkPairs(data, 'of the training images');
    checkBatches(data, batch, augment);
  }

  async train(context: StageContext): Promise<Trained> {
    await this.prepare();
    return train(this.#plan(context), this.options, context);
  }

  /** What an iteration does, as data: networks, and phases with their losses. */
  #plan(context: StageContext): TrainingPlan<Pair> {
    const network = this.#network;
    const { loss, optimizer } = this.options;
    return {
      networks: { network: { network, optimizer, rate: 'learning_rate' } },
      phases: [
        {
          name: 'restoration',
          trains: ['network'],
          curve: 'loss',
          loss: ({ degraded, sharp }) => ({
            loss: loss.compute(network.module.restore(degraded).image, sharp),
            seen: {},
          }),
        },
      ],
      losses: [loss],
      inputs: pairOf,
      validations: ({ network: learned }, { compile }) => {
        const make = (degraded: Tensor4D) => network.restore(degraded, learned!.numbers);
        return [validationOf(this.options, { trained: { name: 'restored', make } }, { compile, ranks: true }, context)];
      },
    };
  }
}
