import { describe, expect, test } from '@jest/globals';
import '@dualprior/blocks';
import { L1Loss, type Loss, type Optimizer } from '@dualprior/blocks';
import { catalogue, UserError, type ComponentSpec } from '@dualprior/core';
import './fusion.ts';
import './gan.ts';
import './gan-inversion.ts';
import './gfpgan.ts';
import './gpen.ts';
import './regression.ts';
import { lazily } from './adversarial/lazily.ts';
import { absentIdentity } from './adversarial/options.ts';
import { intervalWarnings, optimizerWarnings, warningsOf } from './common/interval-warnings.ts';
import { averageWarnings, decayOf } from './gan/average.ts';
import { formerOptions } from './gan/former-options.ts';
import { departuresFrom, EQUATION_2, EQUATION_3 } from './inversion/departures.ts';
import { refuseNeeds } from './common/loss-terms.ts';
import { stages } from './stage.ts';
import { dataOf, imagesAStep, type StageFacts } from './stage-facts.ts';

describe('what a stage says of its data', () => {
  test('is each data set with the option that names it', () => {
    const options = [
      { name: 'data', value: ['a', 'b'] },
      { name: 'validation', value: undefined },
      { name: 'more', value: 'c' },
    ];
    expect(dataOf(options)).toEqual([
      { option: 'data', data: 'a' },
      { option: 'data', data: 'b' },
      { option: 'more', data: 'c' },
    ]);
  });

  test('is how many images an iteration sees: a batch, unless it says otherwise', () => {
    const facts = { batch: { name: 'batch', value: 8 } } as unknown as StageFacts;
    expect([imagesAStep(facts), imagesAStep({ ...facts, images: 12 })]).toEqual([8, 12]);
  });
});

describe("departures from the paper's equations", () => {
  const sum = (...terms: object[]): ComponentSpec => ({ type: 'weighted-sum', terms }) as ComponentSpec;
  const [l1, lpips] = [
    { type: 'l1', weight: 1 },
    { type: 'lpips', weight: 10 },
  ];
  const adversarial = { type: 'gan-nonsaturating', weight: 0.3 };
  const contextual = { type: 'fusion-contextual', weight: 1, lambdaRegressed: 0.01, lambdaInverted: 0.05 };

  test('are none where the weights are those', () => {
    expect(departuresFrom(EQUATION_2, sum(l1, lpips, adversarial))).toEqual([]);
    expect(departuresFrom(EQUATION_2, sum(adversarial, sum(lpips, l1)))).toEqual([]);
    expect(departuresFrom(EQUATION_2, sum(l1, lpips, { ...adversarial, weight: 0.1 + 0.2 }))).toEqual([]);
    expect(departuresFrom(EQUATION_3, sum(l1, lpips, contextual))).toEqual([]);
  });

  test('are other weights, terms that are missing, there twice, or not in the paper', () => {
    expect(departuresFrom(EQUATION_2, sum(l1, { ...lpips, weight: 5 }))).toEqual([
      'lambda_per 5 (paper 10)',
      'lambda_adv 0 (paper 0.3)',
    ]);
    const charbonnier = { type: 'charbonnier', weight: 2, epsilon: 1e-6 };
    expect(departuresFrom(EQUATION_2, sum(l1, l1, lpips, adversarial, charbonnier))).toEqual([
      'the weight of L_1 1 and 1 (paper 1)',
      'charbonnier 2 (not in the paper)',
    ]);
    expect(departuresFrom(EQUATION_2, l1)).toEqual(['lambda_per 0 (paper 10)', 'lambda_adv 0 (paper 0.3)']);
  });

  test('are those of parts of a loss, where it is there', () => {
    expect(departuresFrom(EQUATION_3, sum(l1, lpips, { ...contextual, lambdaInverted: 0.5 }))).toEqual([
      'lambda_cxG 0.5 (paper 0.05)',
    ]);
    expect(departuresFrom(EQUATION_3, sum(l1, lpips))).toEqual(['lambda_fc 0 (paper 1)']);
    expect(departuresFrom(EQUATION_3, sum(l1, lpips, { ...contextual, weight: 3, lambdaRegressed: 0.02 }))).toEqual([
      'lambda_fc 3 (paper 1)',
      'lambda_cxR 0.02 (paper 0.01)',
    ]);
  });
});

describe('warnings', () => {
  test('tell what is done at the end only', () => {
    const every = { iterations: 10, saveEvery: 10, validateEvery: 10, validation: {}, quality: { every: 10 } };
    expect(intervalWarnings(every)).toEqual([]);
    expect(intervalWarnings({ ...every, saveEvery: 11, validateEvery: 12, quality: { every: 13 } })).toEqual([
      '`validateEvery` is 12, but the training has 10 iterations: only the end will be validated',
      '`quality.every` is 13, but the training has 10 iterations: only the end will be measured',
      '`saveEvery` is 11, but the training has 10 iterations: nothing will be saved before the end',
    ]);
    expect(intervalWarnings({ ...every, validateEvery: 12, validation: undefined, quality: undefined })).toEqual([]);
  });

  test('name the option, and of optimizers whose', () => {
    expect(warningsOf('ema', ['a', 'b'])).toEqual(['`ema`: a', '`ema`: b']);
    const optimizer = (...warnings: string[]) =>
      ({
        warnings: (iterations: number) => warnings.map((each) => `${each} of ${iterations}`),
      }) as unknown as Optimizer;
    expect(optimizerWarnings({ generator: optimizer('a'), discriminator: optimizer() }, 7)).toEqual([
      '`optimizers.generator`: a of 7',
    ]);
  });
});

test('an optimizer is k / (k + 1) slower where there is a lazy regulariser', () => {
  const rates: number[] = [];
  const slower = {} as Optimizer;
  const optimizer = { slowed: (factor: number) => (rates.push(factor), slower) } as unknown as Optimizer;
  expect([lazily(optimizer, 0, 16), lazily(optimizer, 10, 16), lazily(optimizer, 2, 4)]).toEqual([
    optimizer,
    slower,
    slower,
  ]);
  expect(rates).toEqual([16 / 17, 4 / 5]);
});

describe('the average of a generator', () => {
  test('halves after as many images as it says, sooner in the beginning (StyleGAN2-ADA)', () => {
    const average = { halfLife: 10_000, rampUp: 0.05 };
    expect(decayOf(average, 32, 1e9)).toBeCloseTo(0.5 ** (32 / 10_000), 12);
    expect(decayOf(average, 32, 100)).toBeCloseTo(0.5 ** (32 / (100 * 32 * 0.05)), 12);
    expect(decayOf({ ...average, rampUp: 0 }, 32, 100)).toBeCloseTo(0.5 ** (32 / 10_000), 12);
    expect(decayOf(average, 32, 0)).toBe(0);
  });

  test('warns of initial weights that it keeps, unless it forgets them by its ramp', () => {
    const short = (rampUp: number) => averageWarnings({ halfLife: 10_000, rampUp }, 4, 10, true);
    expect(short(0.05)).toEqual([]);
    expect(short(0)).toHaveLength(1);
  });
});

describe('the options of a gan as hashes know them', () => {
  const options = (loss: string, discriminatorLoss: string, weight = 1) => ({
    loss: { type: loss, weight },
    discriminatorLoss: { type: discriminatorLoss, weight: 1 },
  });
  const former = (given: object) => formerOptions({ a: 1, diffAugment: 'color', ...given }, given);

  test.each([
    ['gan-nonsaturating', 'gan-logistic', 'vanilla'],
    ['gan-wasserstein', 'gan-hinge-discriminator', 'hinge'],
    ['gan-wasserstein', 'gan-wasserstein-discriminator', 'wgan'],
    ['gan-least-squares', 'gan-least-squares-discriminator', 'lsgan'],
  ])('%s and %s were %s', (loss, discriminator, adversarial) => {
    expect(former(options(loss, discriminator))).toEqual({ a: 1, augmentation: 'color', adversarial });
  });

  test('others are themselves', () => {
    for (const given of [options('gan-nonsaturating', 'gan-hinge-discriminator'), options('l1', 'gan-logistic')])
      expect(former(given)).toEqual({ a: 1, augmentation: 'color', ...given });
    const weighted = options('gan-nonsaturating', 'gan-logistic', 2);
    expect(former(weighted)).toEqual({ a: 1, augmentation: 'color', ...weighted });
  });
});

describe('what the options of a stage say', () => {
  const common = { data: 'train', batch: { size: 4 }, iterations: 10 };
  const validated = { validation: 'held', select: { metric: 'ssim' } };
  const option = (name: string, value?: unknown) => ({ name, value });
  const its = {
    data: [option('data', 'train')],
    batch: option('batch.size', 4),
    runtime: option('runtime'),
    iterations: 10,
  };
  const itsValidation = {
    validation: [option('validation', 'held')],
    selection: { option: option('select', { metric: 'ssim' }), entry: 'ssim' },
  };
  const l1 = { type: 'l1', weight: 1 };
  const equation2 = {
    type: 'weighted-sum',
    terms: [l1, { type: 'lpips', weight: 10 }, { type: 'gan-nonsaturating', weight: 0.3 }],
  };
  const identity = { type: 'identity', weight: 10, weights: 'arcface.pth' };
  const { weights: _, ...absent } = identity;
  const progressive = [{ from: 5, size: 2, crop: 16 }];

  test.each<[object, object]>([
    [
      { type: 'regression', network: 'net', ...common, ...validated, batch: { size: 4, crop: 8, progressive } },
      { ...its, ...itsValidation, images: (5 * 4 + 5 * 2) / 10, purpose: 'restorer' },
    ],
    [
      { type: 'gan', generator: 'g', discriminator: 'd', ...common },
      { ...its, validation: [], purpose: 'prior', selection: undefined },
    ],
    [
      { type: 'gan', generator: 'g', discriminator: 'd', ...common, quality: { metric: { type: 'kid' }, every: 5 } },
      {
        ...{ ...its, validation: [], purpose: 'prior' },
        selection: { option: option('quality', { metric: { type: 'kid' }, every: 5 }), metric: { type: 'kid' } },
      },
    ],
    [
      {
        type: 'gan-inversion',
        generator: 'prior.g',
        discriminator: 'prior.d',
        ...common,
        ...validated,
        loss: equation2,
      },
      {
        ...{ ...its, ...itsValidation, purpose: 'dual-prior', generative: true },
        ...{ priors: ['prior.g', 'prior.d'], departures: [] },
      },
    ],
    [
      { type: 'fusion', fusion: 'f', ...common, ...validated, batch: { size: 4, accumulate: 3 }, loss: l1 },
      {
        ...{ ...its, ...itsValidation, purpose: 'dual-prior', images: 12 },
        departures: ['lambda_per 0 (paper 10)', 'lambda_fc 0 (paper 1)'],
      },
    ],
    [
      { type: 'gfpgan', network: 'n', discriminator: 'd', ...common, ...validated, loss: l1, identity: absent },
      {
        ...{ ...its, ...itsValidation, purpose: 'restorer', generative: true, priors: [] },
        absent: ['the identity loss (no `identity.weights`)', 'the discriminators of eyes and mouth (no `components`)'],
      },
    ],
    [
      { type: 'gfpgan', network: 'n', prior: 'prior.g', ...common, loss: l1, identity, components: { side: 512 } },
      {
        ...{ ...its, validation: [option('validation')], selection: undefined },
        ...{ purpose: 'restorer', generative: true, priors: ['prior.g'], absent: [] },
      },
    ],
    [
      { type: 'gpen', network: 'n', prior: 'prior.g', ...common, ...validated, loss: l1, identity },
      { ...its, ...itsValidation, purpose: 'restorer', generative: true, priors: ['prior.g'], absent: [] },
    ],
    [
      { type: 'gpen', network: 'n', ...common, ...validated, loss: l1, identity: absent },
      {
        ...{ ...its, ...itsValidation, purpose: 'restorer', generative: true, priors: [] },
        absent: ['the identity loss (no `identity.weights`)'],
      },
    ],
  ])('%j', (spec, facts) => {
    expect(stages.about(spec as ComponentSpec)).toEqual(facts);
  });

  test('no identity loss is one that knows no faces, in the sum either', () => {
    const sum = (...terms: object[]) => ({ type: 'weighted-sum', terms }) as ComponentSpec;
    const said = (loss: ComponentSpec) => absentIdentity({ identity: absent, loss });
    expect(said(sum(l1, absent))).toEqual(['the identity loss (no `identity.weights`)']);
    expect(said(sum(l1, identity))).toEqual([]);
    expect(said(sum(l1, absent, identity))).toEqual([]);
  });
});

test('options of a gan by their former names are errors that say the present ones', () => {
  expect(catalogue.find('stage', 'gan')!.declaration.renamed).toEqual({
    augmentation: '"diffAugment"',
    adversarial: '"loss" (of the generator) and "discriminatorLoss"',
  });
});

describe('a loss that a stage cannot compute is an error', () => {
  const loss = (change: Partial<Loss>): Loss => Object.assign(new L1Loss({ weight: 1 }), change);
  const all = ['logits', 'targetLogits', 'regressed', 'inverted'] as const;

  test.each([
    [
      all,
      ['logits'],
      "the loss \"l1\" needs the discriminator's logits of the target and the regression network's image and the inverted prior's image, which this stage does not have.",
    ],
    [
      ['logits', 'regressed'] as const,
      ['regressed'],
      'the loss "l1" needs the discriminator\'s logits of the prediction, which this stage does not have.',
    ],
  ] as const)('needing %j, given %j', (needs, given, message) => {
    expect(() => refuseNeeds(loss({ needs }), given)).toThrow(new UserError(message));
  });

  test('unless it needs nothing, or what there is', () => {
    expect(() => refuseNeeds(loss({}), [])).not.toThrow();
    expect(() => refuseNeeds(loss({ needs: all }), all)).not.toThrow();
  });

  test('without weights', () => {
    expect(() => refuseNeeds(loss({ absent: 'it has no weights' } as Partial<Loss>), all)).toThrow(
      new UserError('it has no weights. Give them, or leave the loss out.'),
    );
  });
});
