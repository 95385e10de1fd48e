import { emaWarnings, type Batch, type Loss, type Optimizer } from '@dualprior/blocks';
import { Random, type Differentiated } from '@dualprior/core';
import type { NamedTensorMap, Tensor4D } from '@tensorflow/tfjs-core';
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
import { checkLeastSide } from '../../inference/image-sizes.ts';
import { intervalWarnings, optimizerWarnings, warningsOf } from '../common/interval-warnings.ts';
import { refuseNeeds } from '../common/loss-terms.ts';
import { prepareSquares } from '../common/prepare-squares.ts';
import type { Stage, StageContext, Trained } from '../stage.ts';
import type { Learner } from '../training/training-plan.ts';
import { pairOf, type Phase, type TrainingPlan } from '../training/training-plan.ts';
import { seedOf, train } from '../training/train.ts';
import { checkSelecting, selectingMetric, type Selecting } from '../validation/select.ts';
import { validationOf } from '../validation/validation.ts';
import { Judge } from './judge.ts';
import { lazily } from './lazily.ts';
import type { RestorerOptions } from './options.ts';
import { restorerLoss, type MoreTerms, type RestorerGiven } from './restorer-loss.ts';

/** A stage that trains a restorer around a generator with a discriminator; what differs are the phases. */
export abstract class RestorerStage<
  Options extends RestorerOptions,
  Given extends RestorerGiven = RestorerGiven,
> implements Stage {
  readonly trains: ReadonlyMap<string, TrainedNetwork>;
  readonly result: 'best' | 'last';
  protected readonly network: TrainedPriorRestorer;
  protected readonly discriminator: TrainedDiscriminator;
  protected readonly judge: Judge;
  readonly #prior: TrainedGenerator | undefined;
  readonly #selecting: Selecting | undefined;

  /** @param others what it trains besides, by role */
  constructor(
    protected readonly options: Options,
    private readonly others: Readonly<Record<string, Learner>> = {},
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
    this.#selecting = selectingMetric(options);
    this.result = this.#selecting ? 'best' : 'last';
    this.judge = new Judge(this.discriminator, options);
    this.trains = new Map<string, TrainedNetwork>([
      ['network', this.network],
      ['discriminator', this.discriminator],
      ...Object.entries(others).map(([role, { network }]) => [role, network] as const),
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
    checkSelecting(this.#selecting, this.options.validation);
  }

  async train(context: StageContext): Promise<Trained> {
    const { options, network, identity } = this;
    await this.prepare();
    if (this.#prior) context.console.info(`  ${beginWithPrior(network, this.#prior)}`);
    if (!identity) context.console.info(`  no identity loss: ${options.identity.absent!}`);
    return train(this.#plan(context), options, context);
  }

  #plan(context: StageContext): TrainingPlan<Given> {
    const { options, network, discriminator, identity } = this;
    const { r1, ema, optimizers } = options;
    const random = new Random(context.seed);
    return {
      networks: {
        network: {
          network,
          optimizer: this.optimizer,
          rates: this.rates,
          rate: 'learning_rate',
          average: () => ema.decay,
        },
        discriminator: {
          network: discriminator,
          optimizer: lazily(optimizers.discriminator, r1.gamma, r1.every),
          rate: 'learning_rate_d',
        },
        ...this.others,
      },
      phases: this.phases,
      losses: [options.loss, ...(identity ? [identity] : [])],
      inputs: (batch, iteration) => ({
        ...pairOf(batch),
        seed: seedOf(random, 'restorer', iteration),
        ...this.given(batch, iteration),
      }),
      validations: ({ network: learned }, { compile }) => {
        const make = (degraded: Tensor4D) => network.restore(degraded, learned!.numbers);
        return [validationOf(options, { trained: { name: 'restored', make } }, { compile, ranks: false }, context)];
      },
    };
  }

  /** What knows faces, where it has weights. */
  protected get identity(): Loss | undefined {
    const { identity } = this.options;
    return identity.absent === undefined ? identity : undefined;
  }

  /** The network's. */
  protected get optimizer(): Optimizer {
    return this.options.optimizers.network;
  }

  /** The rates of its parameters, as `Learner.rates`. */
  protected get rates(): Learner['rates'] {
    return undefined;
  }

  /** What an iteration consists of. */
  protected abstract get phases(): Phase<Given>[];

  /** What its phases are given besides images and a seed. */
  protected given(_batch: Batch, _iteration: number): NamedTensorMap {
    return {};
  }

  /** What the network minimises (`restorerLoss`). */
  protected restorationLoss(given: Given, more?: MoreTerms): Differentiated<NamedTensorMap> {
    const { network, judge, identity } = this;
    return restorerLoss({ network, judge, identity, loss: this.options.loss }, given, more);
  }
}
