import { Gpen, losses, type Optimizer } from '@dualprior/blocks';
import { reference } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import type { Scalar } from '@tensorflow/tfjs-core';
import { asTyped } from '../networks/prior-restorer.ts';
import type { TrainedNetwork } from '../networks/trained-network.ts';
import { lazily } from './adversarial/lazily.ts';
import { absentIdentity, pathLengthOptionOf, restorerOptions } from './adversarial/options.ts';
import type { RestorerGiven } from './adversarial/restorer-loss.ts';
import { RestorerStage } from './adversarial/restorer-stage.ts';
import { pathLengthLoss } from './gpen/path-length.ts';
import { adamOf, batchOption } from './common/options.ts';
import { stages } from './stage.ts';
import { selectionBy } from './validation/select.ts';
import type { Learner, Phase } from './training/training-plan.ts';

const rateFactor = (description: string) => Type.Number({ minimum: 0, default: 1, description });

const Options = Type.Object({
  network: reference<TrainedNetwork>('networks', { description: 'the network `gpen` to train' }),
  discriminator: reference<TrainedNetwork>('networks', {
    description:
      "starts from the prior's; GPEN's own takes its minibatch statistic over the whole batch (`stddevGroup: batch`)",
  }),
  iterations: Type.Integer({ minimum: 1, default: 4_000_000, description: 'training steps of both networks' }),
  batch: batchOption(4),
  loss: losses.option({
    default: {
      type: 'weighted-sum',
      terms: [{ type: 'smooth-l1', signed: true }, { type: 'gan-nonsaturating' }],
    },
    description: 'of the restored image; the default is the official one',
  }),
  pathLength: pathLengthOptionOf(
    1,
    'it looks at the batch over this; the official code reckons with 2, but takes the whole batch all the same',
  ),
  ...restorerOptions({
    prior:
      "a trained StyleGAN2 generator (`prior.generator`) whose numbers the network's own begins with; with `isconcat` the half of each layer that it knows, the weights of the other half being zero",
    identity: { architecture: 'ir-se50', weight: 1 },
    optimizer: adamOf(2e-3, 0, 0.99),
  }),
  rates: Type.Optional(
    Type.Object(
      {
        encoder: rateFactor('what the rate of the encoder is, as a multiple of `optimizers.network`'),
        generator: rateFactor("the same of the generator behind it; 0.1 with D's rate 2e-5 in GPEN's paper"),
      },
      {
        additionalProperties: false,
        description: 'of the parts of the network; absent: one rate for both, as in its code',
      },
    ),
  ),
});

/** The running mean of the path lengths besides. */
type Given = RestorerGiven & { readonly path_mean: Scalar };

/**
 * Trains GPEN (Yang et al. 2021) as GPEN:train_simple.py: smooth L1, adversarial and identity loss, lazy R1 and path lengths, and an average
 * of the network. Other than there: the network begins with a prior (there with a checkpoint of its own, or from nothing), and validation is
 * by PSNR and pictures, not by LPIPS.
 */
@stages.component({
  type: 'gpen',
  description: 'trains GPEN with a discriminator, its generator from a trained StyleGAN2 generator (Yang et al. 2021)',
  options: Options,
  about: ({ iterations, prior, select, ...options }, option) => ({
    data: [option('data')],
    validation: [option('validation')],
    batch: option('batch.size'),
    runtime: option('runtime'),
    iterations,
    purpose: 'restorer',
    generative: true,
    selection: selectionBy(select, option('select')),
    priors: prior === undefined ? [] : [prior],
    absent: absentIdentity(options),
  }),
  version: 2,
})
export class GpenStage extends RestorerStage<Static<typeof Options>, Given> {
  readonly #gpen: TrainedNetwork<Gpen>;

  constructor(options: Static<typeof Options>) {
    super(options);
    this.#gpen = asTyped(options.network, 'gpen', Gpen);
  }

  protected override get rates(): Learner['rates'] {
    const { rates } = this.options;
    return rates && ((parameter) => (parameter.startsWith('generator.') ? rates.generator : rates.encoder));
  }

  protected override get optimizer(): Optimizer {
    const { optimizers, pathLength } = this.options;
    return lazily(optimizers.network, pathLength.weight, pathLength.every);
  }

  /** In the order of GPEN:train_simple.py: D looks at images restored for it, then the network's are restored again, judged by D as it is by then. */
  protected get phases(): Phase<Given>[] {
    const { pathLength } = this.options;
    const judging = this.judge.phases(({ restored }: Given) => restored, {
      given: ({ degraded }) => ({ restored: this.network.restore(degraded) }),
    });
    const main: Phase<Given> = {
      name: "the network's loss",
      trains: ['network'],
      curve: 'loss',
      loss: (given) => this.restorationLoss(given),
    };
    const paths: Phase<Given> = {
      name: 'the path lengths',
      trains: ['network'],
      every: pathLength.every,
      keeps: ['path_mean'],
      loss: ({ degraded, seed, path_mean }) => pathLengthLoss(this.#gpen.module, pathLength, degraded, seed, path_mean),
    };
    return [...judging, main, ...(pathLength.weight > 0 ? [paths] : [])];
  }
}
