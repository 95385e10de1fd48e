import {
  diffAugmentOptions,
  losses,
  optimizers,
  termsOf,
  type Dataset,
  type DiffAugmentOptions,
  type Loss,
  type Metric,
  type Optimizer,
} from '@dualprior/blocks';
import { reference, type ComponentSpec } from '@dualprior/core';
import { Type } from '@sinclair/typebox';
import type { TrainedNetwork } from '../../networks/trained-network.ts';
import { flipOption, intervalOptions } from '../common/options.ts';
import { runtimeOption } from '../runtime.ts';
import type { TrainingOptions } from '../training/train.ts';
import { selectOption } from '../validation/select.ts';
import type { R1Options } from './judge.ts';

const group = { default: {}, additionalProperties: false };

export const r1Option = (description = "weight of the discriminator's R1 penalty; 0: none") =>
  Type.Object(
    {
      gamma: Type.Number({ minimum: 0, default: 10, description }),
      every: Type.Integer({ minimum: 1, default: 16, description: 'iterations between its updates' }),
    },
    group,
  );

/** The same for a stage whose discriminator's rate is the one that is written, unless configured otherwise. */
export const r1OptionThatMaySlow = Type.Object(
  {
    ...r1Option("weight of D's R1 penalty; 0: none (paper silent)").properties,
    slows: Type.Boolean({
      default: false,
      description:
        "scale D's rate and betas down for lazy regularisation, as StyleGAN2 does; by default they are used as written, like the paper's 2.5e-5",
    }),
  },
  group,
);

/** @param batchShrink default of that option, which `description` tells */
export const pathLengthOptionOf = (batchShrink: number, description: string) =>
  Type.Object(
    {
      weight: Type.Number({ minimum: 0, default: 2, description: 'of the path length penalty; 0: none' }),
      every: Type.Integer({ minimum: 1, default: 4, description: 'iterations between its updates' }),
      decay: Type.Number({
        exclusiveMinimum: 0,
        maximum: 1,
        default: 0.01,
        description: 'weight of an update in the running mean of the lengths',
      }),
      batchShrink: Type.Integer({ minimum: 1, default: batchShrink, description }),
    },
    group,
  );

export const pathLengthOption = pathLengthOptionOf(2, 'it looks at the batch over this');

/** Options of the stages that train a restorer around a generator with a discriminator. */
export const restorerOptions = ({
  prior,
  identity,
  optimizer,
}: Readonly<{ prior: string; identity: object; optimizer: object }>) => ({
  prior: Type.Optional(reference<TrainedNetwork>('networks', { description: prior })),
  data: reference<Dataset>('data', { description: 'training images' }),
  validation: Type.Optional(reference<Dataset>('data', { description: 'images that are not trained on' })),
  select: selectOption,
  augment: flipOption('flip horizontally at random'),
  identity: losses.option({
    default: { type: 'identity', ...identity },
    description:
      'an identity loss, with its weight (default: the official one); without weights of its network, the stage leaves it out',
  }),
  discriminatorLoss: losses.option({ default: { type: 'gan-logistic' }, description: 'of the discriminator' }),
  diffAugment: Type.Optional(diffAugmentOptions),
  r1: r1Option(),
  optimizers: Type.Object(
    {
      network: optimizers.option({ default: optimizer, description: 'of the network' }),
      discriminator: optimizers.option({
        default: optimizer,
        description: 'optimizer of the discriminator; lazy regularisation adjusts its rate and betas automatically',
      }),
    },
    group,
  ),
  ema: Type.Object(
    {
      decay: Type.Number({
        minimum: 0,
        exclusiveMaximum: 1,
        default: 0.5 ** (32 / 10_000),
        description: 'decay of the average of the network, which other stages and methods use',
      }),
    },
    group,
  ),
  ...intervalOptions,
  runtime: runtimeOption,
});

/** Those of them that the stages have in common. */
export interface RestorerOptions extends TrainingOptions {
  readonly network: TrainedNetwork;
  readonly prior?: TrainedNetwork | undefined;
  readonly discriminator: TrainedNetwork;
  readonly validation?: Dataset | undefined;
  readonly select?: { readonly metric: Metric } | undefined;
  readonly loss: Loss;
  readonly identity: Loss;
  readonly discriminatorLoss: Loss;
  readonly diffAugment?: DiffAugmentOptions | undefined;
  readonly r1: R1Options;
  readonly optimizers: { readonly network: Optimizer; readonly discriminator: Optimizer };
  readonly ema: { readonly decay: number };
  readonly validateEvery: number;
}

/** The loss that knows faces, in words, where a stage with these options goes without it. */
export function absentIdentity({
  identity,
  loss,
}: {
  readonly identity: ComponentSpec;
  readonly loss: ComponentSpec;
}): string[] {
  const knowFaces = [identity, ...termsOf(loss).filter(({ type }) => type === identity.type)];
  return knowFaces.every((each) => losses.about(each).absent === true)
    ? ['the identity loss (no `identity.weights`)']
    : [];
}
