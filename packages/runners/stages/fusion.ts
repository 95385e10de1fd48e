import { losses, optimizers, type Dataset } from '@dualprior/blocks';
import { reference } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import { asFuser, type TrainedFuser } from '../networks/inversion-networks.ts';
import type { TrainedNetwork } from '../networks/trained-network.ts';
import { DualPrior } from '../networks/dual-prior.ts';
import { departuresFrom, EQUATION_3 } from './inversion/departures.ts';
import type { DualPriorGiven } from './inversion/given.ts';
import { intervalWarnings, warningsOf } from './common/interval-warnings.ts';
import { prepareSquares } from './common/prepare-squares.ts';
import { namedTerms, refuseNeeds } from './common/loss-terms.ts';
import { accumulatedBatchOption, adamOf, augmentOption, intervalOptions } from './common/options.ts';
import { runtimeOption } from './runtime.ts';
import type { StageViews } from './validation/stage-views.ts';
import { stages, type Stage, type StageContext, type Trained } from './stage.ts';
import { checkAccumulate } from './training/accumulated.ts';
import { meanSize } from './training/progressive.ts';
import { pairOf, type TrainingPlan } from './training/training-plan.ts';
import { train } from './training/train.ts';
import { checkSelecting, selectingMetric, selectionBy, selectOption, type Selecting } from './validation/select.ts';
import { validationOf } from './validation/validation.ts';

const network = (description: string) => reference<TrainedNetwork>('networks', { description });

const Options = Type.Object({
  regressor: network('R, as it was trained; it stays as it is'),
  encoder: network('E, as stage 1 left it; it stays as it is'),
  generator: network('G, as stage 1 left it; it stays as it is'),
  fusion: network('F'),
  data: reference<Dataset>('data', { description: 'training images' }),
  validation: Type.Optional(
    reference<Dataset>('data', {
      description: 'images that are not trained on; without them there is no best checkpoint',
    }),
  ),
  select: selectOption,
  iterations: Type.Integer({ minimum: 1, default: 40_000, description: 'training steps' }),
  batch: accumulatedBatchOption(8),
  augment: augmentOption,
  loss: losses.option({
    default: {
      type: 'weighted-sum',
      terms: [{ type: 'l1' }, { type: 'lpips', weight: 10 }, { type: 'fusion-contextual' }],
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

/** Stage 2 of the paper: learns to join x_R and x_G; all other networks stay as they are (section 2.4, equation 3). */
@stages.component({
  type: 'fusion',
  description: 'trains the fusion of regressed and inverted images (stage 2, equation 3)',
  options: Options,
  about: ({ iterations, loss, select, batch }, option) => ({
    data: [option('data')],
    validation: [option('validation')],
    batch: option('batch.size'),
    images: meanSize(batch, iterations),
    runtime: option('runtime'),
    iterations,
    purpose: 'dual-prior',
    selection: selectionBy(select, option('select')),
    departures: departuresFrom(EQUATION_3, loss),
  }),
})
export class FusionStage implements Stage {
  readonly trains: ReadonlyMap<string, TrainedNetwork>;
  readonly result: 'best' | 'last';
  readonly #prior: DualPrior;
  readonly #fusion: TrainedFuser;
  readonly #selecting: Selecting | undefined;

  constructor(private readonly options: Static<typeof Options>) {
    this.#prior = new DualPrior(options);
    this.#fusion = asFuser(options.fusion);
    refuseNeeds(options.loss, ['regressed', 'inverted']);
    this.trains = new Map([['fusion', this.#fusion]]);
    this.#selecting = selectingMetric(options);
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
    checkAccumulate(this.#fusion, this.options.batch);
    checkSelecting(this.#selecting, this.options.validation);
  }

  async train(context: StageContext): Promise<Trained> {
    await this.prepare();
    return train(this.#plan(context), this.options, context);
  }

  #plan(context: StageContext): TrainingPlan<DualPriorGiven> {
    const fusion = this.#fusion;
    const { loss, optimizer } = this.options;
    return {
      networks: { fusion: { network: fusion, optimizer, rate: 'learning_rate', statistics: true } },
      phases: [
        {
          name: 'the fusion',
          trains: ['fusion'],
          curve: 'loss',
          given: ({ degraded }) => this.#prior.images(degraded),
          // Equation 3: L_F of x_hat = F(x_R, x_G).
          loss: ({ regressed, inverted, sharp }) => {
            const fused = fusion.module.fuse(regressed, inverted);
            return namedTerms(loss, fused, sharp, { regressed, inverted });
          },
        },
      ],
      losses: [loss],
      inputs: pairOf,
      validations: (_, { compile }) => [validationOf(this.options, this.#views, { compile, ranks: true }, context)],
    };
  }

  get #views(): StageViews {
    const { module, parameters } = this.#fusion;
    return {
      frozen: {
        names: ['x_R', 'x_G'],
        make: (degraded) => {
          const { regressed, inverted } = this.#prior.images(degraded);
          return [regressed, inverted];
        },
      },
      trained: {
        name: 'x_hat',
        make: (_degraded, regressed, inverted) => parameters.use(() => module.fuse(regressed!, inverted!)),
      },
    };
  }
}
