import { GfpGan, losses, type Batch } from '@dualprior/blocks';
import { reference } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Scalar, Tensor3D } from '@tensorflow/tfjs-core';
import { asPriorRestorer, asTyped } from '../networks/prior-restorer.ts';
import type { TrainedNetwork } from '../networks/trained-network.ts';
import { absentIdentity, restorerOptions } from './adversarial/options.ts';
import type { RestorerGiven } from './adversarial/restorer-loss.ts';
import { RestorerStage } from './adversarial/restorer-stage.ts';
import { FacialComponents, facialComponentsOption } from './gfpgan/facial-components.ts';
import { pyramidLoss } from './gfpgan/pyramid-loss.ts';
import { warningsOf } from './common/interval-warnings.ts';
import { adamOf, batchOption } from './common/options.ts';
import { stages } from './stage.ts';
import { selectionBy } from './validation/select.ts';
import type { Phase } from './training/training-plan.ts';

/** Adam at 2e-3, halved twice near the end. */
const SCHEDULE = { type: 'multistep', milestones: [600_000, 700_000], gamma: 0.5 };
const OPTIMIZER = { ...adamOf(2e-3, 0, 0.99), schedule: SCHEDULE };
const COMPONENT_OPTIMIZER = { ...adamOf(2e-3, 0.9, 0.99), schedule: SCHEDULE };

/** What the pyramid's weight becomes: the official code leaves so much, lest parameters be unused. */
const NEGLIGIBLE = 1e-12;

const Options = Type.Object({
  network: reference<TrainedNetwork>('networks', { description: 'GFP-GAN' }),
  discriminator: reference<TrainedNetwork>('networks', { description: 'distinguishes sharp from restored images' }),
  iterations: Type.Integer({ minimum: 1, default: 800_000, description: 'training steps of both networks' }),
  batch: batchOption(12),
  loss: losses.option({
    default: {
      type: 'weighted-sum',
      terms: [{ type: 'l1', weight: 0.2 }, { type: 'perceptual' }, { type: 'gan-nonsaturating', weight: 0.1 }],
    },
    description:
      'of the restored image; the default is the official one (its L1 has the weight 0.1, but of images in [-1, 1], whose differences are twice as large)',
  }),
  pyramid: Type.Object(
    {
      weight: Type.Number({
        minimum: 0,
        default: 1,
        description: "weight of the L1 loss of each of the U-Net's images, of all resolutions, in [-1, 1]",
      }),
      until: Type.Integer({
        minimum: 0,
        default: 50_000,
        description: 'iterations after which it has no weight any more',
      }),
    },
    { default: {}, additionalProperties: false },
  ),
  components: Type.Optional(facialComponentsOption(COMPONENT_OPTIMIZER)),
  ...restorerOptions({
    prior:
      "a trained StyleGAN2 generator (`prior.generator`) whose numbers the network's decoder begins with; absent: it begins as the network does",
    identity: { architecture: 'resnet18', weight: 10 },
    optimizer: OPTIMIZER,
  }),
});

/** The weight of the pyramid besides, and where eyes and mouths are, if that is known. */
type Given = RestorerGiven & { readonly pyramid_weight: Scalar; readonly boxes: Tensor3D };

/**
 * Trains GFP-GAN (Wang et al. 2021) as GFPGAN:options/train_gfpgan_v1.yml and gfpgan/models/gfpgan_model.py: reconstruction,
 * perceptual, adversarial and pyramid losses, R1, and an average of the network. In training its noise is drawn again each time; the
 * average is validated, and used by others, with the stored noise.
 *
 * Differences to the official code: lazy regularisation slows D's rate and betas (there the parameter group brings the plain rate along,
 * which overrides the slowed one, so that only the betas change), and R1 has its turn from the first iteration on (there from the 16th).
 */
@stages.component({
  type: 'gfpgan',
  description: 'trains GFP-GAN with a discriminator, its decoder from a trained StyleGAN2 generator (Wang et al. 2021)',
  options: Options,
  about: ({ iterations, prior, components, select, ...options }, option) => ({
    data: [option('data')],
    validation: [option('validation')],
    batch: option('batch.size'),
    runtime: option('runtime'),
    iterations,
    purpose: 'restorer',
    generative: true,
    selection: selectionBy(select, option('select')),
    priors: prior === undefined ? [] : [prior],
    absent: [
      ...absentIdentity(options),
      ...(components ? [] : ['the discriminators of eyes and mouth (no `components`)']),
    ],
  }),
})
export class GfpGanStage extends RestorerStage<Static<typeof Options>, Given> {
  readonly #components: FacialComponents | undefined;

  constructor(options: Static<typeof Options>) {
    const { size } = asTyped(asPriorRestorer(options.network), 'gfpgan', GfpGan).module;
    const components = options.components && new FacialComponents(options.components, size);
    super(options, components?.learners);
    this.#components = components;
  }

  override warnings(): string[] {
    const { pyramid, components, iterations } = this.options;
    const { until, weight } = pyramid;
    return [
      ...super.warnings(),
      ...warningsOf('components.optimizer', components?.optimizer.warnings(iterations) ?? []),
      ...(weight > 0 && until > iterations
        ? [
            `\`pyramid.until\` is ${until}, but the training has ${iterations} iterations: the pyramid will count to the end`,
          ]
        : []),
    ];
  }

  override async prepare(): Promise<void> {
    await super.prepare();
    this.#components?.check(this.options.data);
  }

  /** As GFPGAN:gfpgan/models/gfpgan_model.py, optimize_parameters: all discriminators look at the images that the network restored in its phase. */
  protected get phases(): Phase<Given>[] {
    const components = this.#components;
    return [
      {
        name: "the network's loss",
        trains: ['network'],
        curve: 'loss',
        loss: (given) =>
          this.restorationLoss(given, (pyramid, restored) => ({
            loss_pyramid: tf.mul(given.pyramid_weight, pyramidLoss(pyramid, given.sharp)),
            ...components?.terms(restored, given.sharp, given.boxes),
          })),
      },
      ...this.judge.phases(({ restored }: Given) => restored, { oneStep: true }),
      ...(components?.phases<Given>() ?? []),
    ];
  }

  protected override given({ shown }: Batch, iteration: number): NamedTensorMap {
    const { weight, until } = this.options.pyramid;
    const pyramidWeight = iteration < until ? weight : weight * NEGLIGIBLE;
    return {
      pyramid_weight: tf.scalar(pyramidWeight),
      ...(this.#components && { boxes: this.#components.boxes(shown) }),
    };
  }
}
