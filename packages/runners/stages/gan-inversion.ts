import { Random } from '@dualprior/core';
import type { Static } from '@sinclair/typebox';
import type { Tensor1D } from '@tensorflow/tfjs-core';
import { asDiscriminator, checkGroups, checkOneSize, type TrainedDiscriminator } from '../networks/gan-networks.ts';
import type { TrainedNetwork } from '../networks/trained-network.ts';
import { DualPrior } from '../networks/dual-prior.ts';
import { Judge } from './adversarial/judge.ts';
import { lazily } from './adversarial/lazily.ts';
import { departuresFrom, EQUATION_2 } from './inversion/departures.ts';
import { InversionOptions } from './inversion/options.ts';
import type { DualPriorGiven } from './inversion/given.ts';
import { intervalWarnings, optimizerWarnings } from './common/interval-warnings.ts';
import { prepareSquares } from './common/prepare-squares.ts';
import { namedTerms, refuseNeeds } from './common/loss-terms.ts';
import type { StageViews } from './validation/stage-views.ts';
import { stages, type Stage, type StageContext, type Trained } from './stage.ts';
import { pairOf, type TrainingPlan } from './training/training-plan.ts';
import { seedOf, train } from './training/train.ts';
import { checkSelecting, selectingMetric, selectionBy, type Selecting } from './validation/select.ts';
import { validationOf } from './validation/validation.ts';

/** A seed besides, where the discriminator's images are augmented. */
type Given = DualPriorGiven & { readonly seed?: Tensor1D };

/**
 * Stage 1 of the paper: learns to invert what the regression network makes of degraded images, through a generator that is
 * trained on with its discriminator (section 2.4, equation 2).
 */
@stages.component({
  type: 'gan-inversion',
  description: 'trains encoder, generator and discriminator to invert regressed images (stage 1, equation 2)',
  options: InversionOptions,
  about: ({ iterations, generator, discriminator, loss, select }, option) => ({
    data: [option('data')],
    validation: [option('validation')],
    batch: option('batch.size'),
    runtime: option('runtime'),
    iterations,
    purpose: 'dual-prior',
    generative: true,
    selection: selectionBy(select, option('select')),
    priors: [generator, discriminator],
    departures: departuresFrom(EQUATION_2, loss),
  }),
})
export class GanInversionStage implements Stage {
  readonly trains: ReadonlyMap<string, TrainedNetwork>;
  readonly result: 'best' | 'last';
  readonly #prior: DualPrior;
  readonly #discriminator: TrainedDiscriminator;
  readonly #selecting: Selecting | undefined;

  constructor(private readonly options: Static<typeof InversionOptions>) {
    this.#prior = new DualPrior(options);
    this.#discriminator = asDiscriminator(options.discriminator);
    checkOneSize(this.#prior.generator, this.#discriminator);
    checkGroups(this.#discriminator, options.batch.size);
    refuseNeeds(options.loss, ['logits', 'regressed']);
    refuseNeeds(options.discriminatorLoss, ['logits', 'targetLogits']);
    this.#selecting = selectingMetric(options);
    this.result = this.#selecting ? 'best' : 'last';
    const { encoder, generator } = this.#prior;
    this.trains = new Map<string, TrainedNetwork>(
      Object.entries({ encoder, generator, discriminator: this.#discriminator }),
    );
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
    checkSelecting(this.#selecting, this.options.validation);
  }

  async train(context: StageContext): Promise<Trained> {
    await this.prepare();
    return train(this.#plan(context), this.options, context);
  }

  #plan(context: StageContext): TrainingPlan<Given> {
    const prior = this.#prior;
    const { loss, diffAugment, r1, optimizers } = this.options;
    const judge = new Judge(this.#discriminator, this.options);
    const random = new Random(context.seed);
    const slowed = r1.slows ? lazily(optimizers.discriminator, r1.gamma, r1.every) : optimizers.discriminator;
    return {
      networks: {
        encoder: { network: prior.encoder, optimizer: optimizers.encoder, rate: 'learning_rate_e', statistics: true },
        generator: { network: prior.generator, optimizer: optimizers.generator, rate: 'learning_rate_g' },
        discriminator: { network: this.#discriminator, optimizer: slowed, rate: 'learning_rate_d' },
      },
      phases: [
        {
          name: 'the inversion',
          trains: ['encoder', 'generator'],
          curve: 'loss',
          given: ({ degraded }) => ({ regressed: prior.regress(degraded) }),
          // Equation 2: L_E of x_G = G(E(x_R)).
          loss: ({ regressed, sharp, seed }) => {
            const inverted = prior.synthesize(prior.encode(regressed));
            const inversion = namedTerms(loss, inverted, sharp, { logits: judge.logits(inverted, seed), regressed });
            return { ...inversion, seen: { ...inversion.seen, inverted } };
          },
        },
        ...judge.phases(({ inverted }: Given) => inverted),
      ],
      losses: [loss],
      inputs: (batch, iteration) => ({
        ...pairOf(batch),
        ...(diffAugment && { seed: seedOf(random, 'gan-inversion', iteration) }),
      }),
      validations: (_, { compile }) => [validationOf(this.options, this.#views, { compile, ranks: false }, context)],
    };
  }

  get #views(): StageViews {
    return {
      frozen: { names: ['x_R'], make: (degraded) => [this.#prior.regress(degraded)] },
      trained: { name: 'x_G', make: (_degraded, regressed) => this.#prior.invert(regressed!) },
    };
  }
}
