import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { describeComponents, loadExperiment } from '@dualprior/core';
import '../index.ts';

/**
 * The numbers of the papers and of the official code, as literals: what the oracles' cases cannot see, because a case would have to train
 * for thousands of iterations or to have official weights.
 */

const adam = (learningRate: number, ...betas: number[]) => ({ type: 'adam', learningRate, betas });
const halvedTwice = { schedule: { type: 'multistep', milestones: [600_000, 700_000], gamma: 0.5 } };
const sum = (...terms: [weight: number, loss: object][]) => ({
  type: 'weighted-sum',
  terms: terms.map(([weight, loss]) => ({ ...loss, ...(weight !== 1 && { weight }) })),
});

/** The values of StyleGAN2-ADA (spec "stylegan2"), rosinality's train.py, GFP-GAN's options and GPEN's train_simple.py alike. */
const R1 = { 'r1.gamma': 10, 'r1.every': 16 };
const PATH_LENGTH = { 'pathLength.weight': 2, 'pathLength.every': 4, 'pathLength.decay': 0.01 };
const HALF_LIFE = 0.5 ** (32 / 10_000);

const DEFAULTS: readonly (readonly [kind: string, type: string, defaults: Record<string, unknown>])[] = [
  // The paper, 2.4: equation 2, "Training".
  [
    'stage',
    'gan-inversion',
    {
      ...R1,
      'r1.slows': false,
      iterations: 40_000,
      loss: sum([1, { type: 'l1' }], [10, { type: 'lpips' }], [0.3, { type: 'gan-nonsaturating' }]),
      'optimizers.encoder': adam(1e-4, 0, 0.99),
      'optimizers.generator': adam(1e-4, 0, 0.99),
      'optimizers.discriminator': adam(2.5e-5, 0, 0.99),
    },
  ],
  // The paper, 2.4: equations 3 and 4, "Training".
  [
    'stage',
    'fusion',
    {
      iterations: 40_000,
      loss: sum([1, { type: 'l1' }], [10, { type: 'lpips' }], [1, { type: 'fusion-contextual' }]),
      optimizer: { ...adam(1e-3, 0.9, 0.999), schedule: { type: 'multistep', milestones: [8000], gamma: 0.1 } },
    },
  ],
  ['loss', 'fusion-contextual', { lambdaRegressed: 0.01, lambdaInverted: 0.05, bandwidth: 0.5, weight: 1 }],
  // The paper, 2.3.
  ['network', 'fusion', { blocks: 8 }],
  // stylegan2-ada-pytorch:train.py and training/loss.py; halfLife 10 kimg, rampUp of the configuration "auto".
  [
    'stage',
    'gan',
    {
      ...R1,
      ...PATH_LENGTH,
      'pathLength.batchShrink': 2,
      'batch.size': 32,
      styleMixing: 0.9,
      loss: { type: 'gan-nonsaturating' },
      discriminatorLoss: { type: 'gan-logistic' },
      'ema.halfLife': 10_000,
      'ema.rampUp': 0.05,
      'optimizers.generator': adam(2e-3, 0, 0.99),
      'optimizers.discriminator': adam(2e-3, 0, 0.99),
    },
  ],
  ['network', 'stylegan2-generator', { styleWidth: 512, mappingLayers: 8, mappingRate: 0.01 }],
  ['network', 'stylegan2-discriminator', { stddevGroup: 4, channelMultiplier: 2 }],
  // GFPGAN:options/train_gfpgan_v1.yml and gfpgan/models/gfpgan_model.py; its L1 is of images in [-1, 1].
  [
    'stage',
    'gfpgan',
    {
      ...R1,
      iterations: 800_000,
      'batch.size': 12,
      loss: sum([0.2, { type: 'l1' }], [1, { type: 'perceptual' }], [0.1, { type: 'gan-nonsaturating' }]),
      identity: { type: 'identity', architecture: 'resnet18', weight: 10 },
      'pyramid.weight': 1,
      'pyramid.until': 50_000,
      'components.weight': 1,
      'components.style': 200,
      'components.eyeEnlargement': 1.4,
      'components.side': 512,
      'components.optimizer': { ...adam(2e-3, 0.9, 0.99), ...halvedTwice },
      'optimizers.network': { ...adam(2e-3, 0, 0.99), ...halvedTwice },
      'optimizers.discriminator': { ...adam(2e-3, 0, 0.99), ...halvedTwice },
      'ema.decay': HALF_LIFE,
    },
  ],
  ['loss', 'perceptual', { content: 1, style: 50, weight: 1 }],
  // GPEN:train_simple.py, which takes path lengths of the whole batch.
  [
    'stage',
    'gpen',
    {
      ...R1,
      ...PATH_LENGTH,
      'pathLength.batchShrink': 1,
      iterations: 4_000_000,
      'batch.size': 4,
      loss: sum([1, { type: 'smooth-l1', signed: true }], [1, { type: 'gan-nonsaturating' }]),
      identity: { type: 'identity', architecture: 'ir-se50', weight: 1 },
      'optimizers.network': adam(2e-3, 0, 0.99),
      'optimizers.discriminator': adam(2e-3, 0, 0.99),
      'ema.decay': HALF_LIFE,
    },
  ],
  ['loss', 'smooth-l1', { beta: 1, weight: 1 }],
  // torch.optim and BasicSR.
  ['optimizer', 'adam', { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0, clipNorm: undefined }],
  ['optimizer', 'adamw', { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 1e-2, clipNorm: undefined }],
  ['schedule', 'cosine', { minimum: 1e-7 }],
  ['schedule', 'multistep', { gamma: 0.1 }],
  ['loss', 'charbonnier', { epsilon: 1e-12, weight: 1 }],
  // data-efficient-gans:DiffAugment_pytorch.py.
  ['stage', 'gan', { 'diffAugment.color': true, 'diffAugment.translation': 1 / 8, 'diffAugment.cutout': 1 / 2 }],
];

describe('defaults are those of the papers and of the official code', () => {
  test.each(DEFAULTS)('%s %s', (kind, type, defaults) => {
    const { options } = describeComponents(kind).find((component) => component.type === type)!;
    const found = new Map(options.map((option) => [option.name, option.default]));
    const named = Object.keys(defaults);
    expect(named.filter((name) => !found.has(name))).toEqual([]);
    expect(Object.fromEntries(named.map((name) => [name, found.get(name)]))).toEqual(defaults);
  });
});

describe('experiments/paper.yaml has the settings of the papers', () => {
  const env = { FFHQ_ROOT: '/FFHQ_ROOT', CELEBA_HQ_ROOT: '/CELEBA_HQ_ROOT' };
  const file = resolve(import.meta.dirname, '../../../experiments/paper.yaml');
  const experiment = loadExperiment(file, { env });

  test.each([
    // NAFNet:options/train/GoPro/NAFNet-width32.yml, basicsr/models/image_restoration_model.py (clip 0.01).
    [
      'restore',
      {
        batch: { size: 32, crop: 256 },
        iterations: 200_000,
        loss: { type: 'psnr', weight: 1 },
        optimizer: {
          type: 'adamw',
          learningRate: 1e-3,
          betas: [0.9, 0.9],
          weightDecay: 1e-3,
          clipNorm: 0.01,
          schedule: { type: 'cosine', minimum: 1e-7 },
        },
      },
    ],
    // HINet:options/train/GoPro/HINet.yml: 0.5 PSNRLoss of both outputs.
    [
      'hinet',
      {
        batch: { size: 64, crop: 256 },
        iterations: 400_000,
        loss: { type: 'psnr', weight: 0.5 },
        optimizer: {
          type: 'adam',
          learningRate: 2e-4,
          betas: [0.9, 0.99],
          weightDecay: 0,
          clipNorm: 0.01,
          schedule: { type: 'cosine', minimum: 1e-7 },
        },
      },
    ],
    [
      'invert',
      {
        iterations: 40_000,
        loss: sum([1, { type: 'l1' }], [10, { type: 'lpips' }], [0.3, { type: 'gan-nonsaturating' }]),
        optimizers: {
          encoder: adam(1e-4, 0, 0.99),
          generator: adam(1e-4, 0, 0.99),
          discriminator: adam(2.5e-5, 0, 0.99),
        },
      },
    ],
    [
      'fuse',
      {
        iterations: 40_000,
        loss: sum(
          [1, { type: 'l1' }],
          [10, { type: 'lpips' }],
          [1, { type: 'fusion-contextual', lambdaRegressed: 0.01, lambdaInverted: 0.05 }],
        ),
        optimizer: { ...adam(1e-3, 0.9, 0.999), schedule: { type: 'multistep', milestones: [8000], gamma: 0.1 } },
      },
    ],
  ])('%s', (stage, settings) => {
    expect(experiment.entry('stages', stage)).toMatchObject(settings);
  });
});
