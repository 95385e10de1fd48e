import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { Container, LOG, loadEngine, loadExperiment, writeSafetensors, type ConfigError } from '@dualprior/core';
import sharp from 'sharp';
import '../index.ts';
import { Store } from '../store/store.ts';
import { leftToTrain } from '../experiment/plan.ts';
import { StoredStages } from '../store/stored-stages.ts';
import { checkComponents, prepareData } from './preflight.ts';

const smoke = resolve(import.meta.dirname, '../../../experiments/smoke.yaml');

let folder: string;
const warnings: string[] = [];
const log = { info: () => {}, warn: (line: string) => void warnings.push(line) };

beforeAll(async () => {
  loadEngine();
  folder = mkdtempSync(join(tmpdir(), 'preflight-'));
  for (const name of ['empty', 'corrupt', 'varied']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'corrupt', 'a.png'), 'no image');
  for (const [width, height] of [
    [32, 24],
    [17, 32],
  ] as const) {
    const image = sharp({ create: { width, height, channels: 3, background: 'red' } });
    await image.png().toFile(join(folder, 'varied', `${width}.png`));
  }
});

async function mistakes(...set: string[]): Promise<ConfigError> {
  const experiment = loadExperiment(smoke, { set });
  const container = new Container(experiment, { services: [[LOG, log]] });
  const found = prepareData(
    experiment,
    container,
    leftToTrain(new StoredStages(experiment, new Store(join(folder, 'store')))),
    log,
  );
  return (await found.then(
    () => undefined,
    (error: unknown) => error,
  )) as ConfigError;
}

const images =
  (name: string, options = '') =>
  (entry: string) => [
    `data.${entry}=null`,
    `data.${entry}={type: image-folder, root: ${join(folder, name)}, seed: 5, degradation: blur${options}}`,
  ];

const lossOf = (stage: string, loss: string) => [`stages.${stage}.loss=null`, `stages.${stage}.loss=${loss}`];

function seeing(type: string): string {
  const file = join(folder, 'weights.safetensors');
  writeSafetensors(file, new Map([['other.weight', { shape: [1], values: Float32Array.of(1) }]]));
  return `features: {type: ${type}, weights: ${file}}, heads: ${file}`;
}

test.each<[string, () => string[], string[]]>([
  ['an empty folder', () => images('empty')('test'), ['data.test: The folder FOLDER/empty has no images']],
  ['corrupt images', () => images('corrupt')('test'), ['data.test: None of the 1 images']],
  [
    'everything at once, a thing that two entries share once',
    () => [...images('empty')('test'), 'data.train.holdOut=32'],
    [
      'data.train: avatars has 32 usable images within `limit`, of which 32 should be held out',
      'data.test: The folder',
    ],
  ],
  ['test images without an end', () => ['data.test.limit=null'], ['data.test: has no end']],
  [
    'test images of which one does not fit one of the methods',
    () => images('varied')('test'),
    ['methods.HINet: "HINet" takes images whose sides are multiples of 2, but 17.png of the test images is 17x32'],
  ],
  [
    'test images of another size than the one that a method takes',
    () => [
      'networks.hinet={type: gpen, size: 16, maxChannels: 4, styleWidth: 8, mappingLayers: 2}',
      'data.test.size=32',
    ],
    ['methods.HINet: "HINet" makes images of 16x16, but avatar-0 of the test images is 32x32'],
  ],
  [
    'training images that do not fit a later stage',
    () => ['data.train.size=17'],
    ['stages.hinet: "hinet" takes images whose sides are multiples of 2, but avatar-0 of the training images is 17x17'],
  ],
  [
    'crops that do not fit',
    () => ['stages.hinet.batch.crop=9', 'stages.nafnet.batch.crop=64'],
    ['batch.crop is 64, but avatar-0 is 16x16', 'batch.crop is 9. Give one that is, e.g. 8'],
  ],
  [
    'validation images that do not fit',
    () => ['data.validation=null', 'data.validation={type: avatars, size: 17, limit: 2, degradation: blur}'],
    ['stages.hinet: "hinet" takes images whose sides are multiples of 2, but avatar-0 of the validation images'],
  ],
  [
    'images without a degradation',
    () => ['data.train.degradation=null', 'data.test.degradation=null'],
    [
      'data.test: The data set of the test images has no `degradation`',
      'stages.nafnet: The data set of the training images has no `degradation`',
    ],
  ],
  [
    'a loss that needs what the stage does not have',
    () => ['stages.nafnet.loss.type=gan-nonsaturating'],
    ['stage regression: the loss "gan-nonsaturating" needs the discriminator\'s logits of the prediction, which this'],
  ],
  [
    'images of different sizes in one batch',
    () => [
      ...images('varied', ', holdOut: 0')('train'),
      'stages.nafnet.validation=null',
      'stages.hinet=null',
      'methods.HINet=null',
      'data.validation=null',
    ],
    ['Images of one batch must have one size, but these are 17x32 (17.png) and 32x24 (32.png)'],
  ],
  [
    'images too small for a loss and a metric',
    () => [
      ...lossOf('nafnet', '{type: contextual, features: {type: mobilenet-v2-substitute}}'),
      ...lossOf('hinet', '{type: contextual, features: {type: mobilenet-v2-substitute}, patch: 8}'),
      'metrics.seen={type: lpips, features: {type: inception-v3-substitute}}',
    ],
    [
      'stages.nafnet: The loss compares images with sides of at least 32, but avatar-0 of the training images is 16x16',
      'metrics.seen: The metric compares images with sides of at least 43, but avatar-0 of the test images is 16x16',
    ],
  ],
  [
    'one test image, however often, where a metric compares sets of them',
    () => [
      ...['fid', 'kid'].map((type) => `metrics.${type}={type: ${type}, features: {type: inception-v3-substitute}}`),
      'data.test.limit=1',
      'data.thrice={type: repeated, of: test, times: 3}',
      'evaluation.data=thrice',
    ],
    [
      'metrics.fid: The metric compares at least 2 different test images, but there are 3 images (1, degraded several times).',
    ],
  ],
  [
    'a crop too small for a term of the loss',
    () => [
      'data.train.size=64',
      'stages.nafnet.batch.crop=16',
      'stages.hinet=null',
      'methods.HINet=null',
      ...lossOf(
        'nafnet',
        '{type: weighted-sum, terms: [{type: l1}, {type: contextual, features: {type: mobilenet-v2-substitute}}]}',
      ),
    ],
    ['stages.nafnet: The loss compares images with sides of at least 32, but batch.crop is 16'],
  ],
  [
    'weights of a loss and of a metric that are of something else',
    () => [
      ...lossOf('nafnet', `{type: weighted-sum, terms: [{type: lpips, ${seeing('vgg16')}}]}`),
      `metrics.seen={type: lpips, ${seeing('alexnet')}}`,
      'data.test.size=32',
    ],
    [
      'weights.safetensors holds no weights of "vgg16":\n  features.0.weight: missing, (64, 3, 3, 3) expected',
      'weights.safetensors holds no weights of "alexnet":\n  features.0.weight: missing, (64, 3, 11, 11) expected',
    ],
  ],
])('before anything is trained: %s', async (_, set, messages) => {
  const error = await mistakes(...set());
  expect(error.problems?.map(({ message }) => message)).toEqual(
    messages.map((message) => expect.stringContaining(message.replace('FOLDER', folder))),
  );
  for (const { file, line, column } of error.problems) {
    expect(file).toMatch(/smoke\.yaml$|^--set #\d$/);
    expect([line, column]).toEqual([expect.any(Number), expect.any(Number)]);
  }
});

test('a folder that is missing is a mistake with its place, beside all others, though its content is part of their identity', async () => {
  const { problems } = await mistakes(...images('none', ', holdOut: 1')('train'), ...images('empty')('test'));
  expect(problems.map(({ file, message }) => [file, message])).toEqual([
    ['--set #2', expect.stringContaining(`data.train: The folder of images ${join(folder, 'none')} does not exist`)],
    ['--set #4', expect.stringContaining(`data.test: The folder ${join(folder, 'empty')} has no images`)],
  ]);
});

test('a list that names missing images of a folder that is there is found without a run; one of a folder that is not is none', () => {
  const list = join(folder, 'list.txt');
  writeFileSync(list, '# faces\n17.png\nnone.png\n32.png\n');
  const problems = (...set: string[]) => {
    try {
      checkComponents(loadExperiment(smoke, { set }), log);
      return [];
    } catch (error) {
      return (error as ConfigError).problems.map(({ message }) => message);
    }
  };
  const listed = (name: string) => images(name, `, list: ${list}`);
  expect(problems(...listed('varied')('test'))).toEqual([
    `data.test.list: The list names images that are not in ${join(folder, 'varied')}:\n  ${list}:3: none.png\n  Write paths below \`root\`, or restore these files.`,
  ]);
  expect(problems(...listed('nowhere')('test'))).toEqual([]);
  const both = join(folder, 'varied');
  const pairs = `data.test={type: paired-folder, sharp: ${both}, degraded: ${both}, list: ${list}}`;
  expect(problems('data.test=null', pairs)).toEqual([
    expect.stringMatching(/^data\.test\.list: .*\n1 sharp of .*\n.*list\.txt:3: none\.png\n1 degraded of /),
  ]);
});

test('what is trained on a folder is found again where that lies elsewhere, and not where an image in it is another', () => {
  const store = new Store(mkdtempSync(join(folder, 'store-')));
  const left = (name: string) =>
    leftToTrain(new StoredStages(loadExperiment(smoke, { set: images(name, ', holdOut: 1')('train') }), store));
  const trained = loadExperiment(smoke, { set: images('varied', ', holdOut: 1')('train') });
  store.open(trained.identity('stages', 'nafnet')).update({ complete: true });
  cpSync(join(folder, 'varied'), join(folder, 'moved'), { recursive: true });
  cpSync(join(folder, 'varied'), join(folder, 'edited'), { recursive: true });
  writeFileSync(join(folder, 'edited', '17.png'), 'other');
  expect(['varied', 'moved', 'edited', 'none'].map(left)).toEqual([
    ['hinet'],
    ['hinet'],
    ['nafnet', 'hinet'],
    ['nafnet', 'hinet'],
  ]);
});

test('what fits is no mistake, and images that are skipped are named', async () => {
  writeFileSync(join(folder, 'varied', 'bad.jpg'), 'no image');
  expect(await mistakes(...images('varied', ', size: 16')('test'))).toBeUndefined();
  expect(warnings).toContainEqual(expect.stringMatching(/varied\/bad\.jpg is skipped: it cannot be decoded/));
});

test('a row that a claim compares, and that would see fewer images than stages 1 and 2, is named before anything is trained', async () => {
  const file = join(folder, 'claimed.yaml');
  writeFileSync(
    file,
    `extends: [${['dual-prior-smoke', 'paper-report'].map((name) => resolve(smoke, `../${name}.yaml`)).join(', ')}]`,
  );
  const experiment = loadExperiment(file);
  await prepareData(experiment, new Container(experiment, { services: [[LOG, log]] }), [], log);
  expect(warnings).toContainEqual(
    expect.stringMatching(
      /^NAFNet sees 32 training images \(restore\), fewer than the 48 that Ours sees in invert and fuse/,
    ),
  );
});

test('networks that do not fit each other are found without a run, once, at the option that is to blame', () => {
  const dualPrior = resolve(smoke, '../dual-prior-smoke.yaml');
  const problems = (...set: string[]) => {
    try {
      checkComponents(loadExperiment(dualPrior, { set }), log);
      return [];
    } catch (error) {
      return (error as ConfigError).problems.map(({ file, line, message, found, allowed }) => ({
        at: file?.endsWith('.yaml') ? dualPriorText[line! - 1]!.trim() : file,
        message,
        found,
        allowed,
      }));
    }
  };
  const dualPriorText = readFileSync(dualPrior, 'utf8').split('\n');
  expect(problems()).toEqual([]);
  expect(problems('networks.encoder.styleWidth=8')).toEqual([
    {
      at: '--set #1',
      message: 'networks.encoder.styleWidth is 8, but must be 16 to fit networks.generator, where f enters at 4x4',
      found: '8',
      allowed: '16',
    },
  ]);
  expect(problems('networks.generator.styleWidth=8')).toMatchObject([
    { at: 'styleWidth: 16', found: '16', allowed: '8' },
  ]);
  expect(problems('networks.encoder={size: 512, resolution: 32, latents: 8}')).toMatchObject([
    { at: '--set #1', message: expect.stringContaining('encoder.resolution is 32'), allowed: '4, 8, 16' },
  ]);
  expect(problems('networks.discriminator.size=32')).toMatchObject([{ at: '--set #1', found: '32', allowed: '16' }]);
});

test('an f that is no bottleneck is warned of', () => {
  const warned = (...set: string[]) => {
    warnings.length = 0;
    checkComponents(loadExperiment(resolve(smoke, '../dual-prior-smoke.yaml'), { set }), log);
    return warnings.filter((line) => line.includes('bottleneck'));
  };
  const encoder = (options: string) => `networks.encoder={${options}}`;
  expect(warned()).toEqual([]);
  expect(
    warned(encoder('resolution: 8, latents: 4, featureChannels: 12'), 'networks.generator.maxChannels=12'),
  ).toEqual([]);
  expect(warned(encoder('resolution: 8, latents: 4'))).toEqual([
    expect.stringMatching(
      /^networks\.encoder: f is no bottleneck: it holds 1,024 numbers, more than the 768 of an image\. /,
    ),
  ]);
  const entersHigh = [
    encoder('size: 64, resolution: 16, latents: 6, featureChannels: 8'),
    'networks.discriminator.size=64',
  ];
  expect(warned(...entersHigh, 'networks.generator={size: 64, maxChannels: 8}')).toEqual([
    expect.stringMatching(/: it enters at 16x16 of 64x64 \(below 128 pixels 8x8 or less keep it one\)\. /),
  ]);
});

test('what a loss of a stage names wrongly is found before the data is looked at', () => {
  const loss = '{type: contextual, features: {type: mobilenet-v2-substitute}, layers: [block_2_ad]}';
  const sum = '{type: weighted-sum, terms: [{type: lpips, features: {type: vgg19, weights: /nowhere/vgg.pth}}]}';
  const experiment = loadExperiment(smoke, { set: [...lossOf('nafnet', loss), ...lossOf('hinet', sum)] });
  expect(() => checkComponents(experiment, log)).toThrow(
    /loss contextual: .* has no layer "block_2_ad"; did you mean "block_2_add"\?[^]*feature extractor vgg19: There is no weights file/,
  );
});

test('switches of a stage that do not go together are found, with their place', () => {
  const problems = (...set: string[]) => {
    try {
      checkComponents(loadExperiment(smoke, { set }), log);
    } catch (error) {
      return (error as ConfigError).problems;
    }
    return [];
  };
  expect(problems('stages.nafnet.runtime.recompute=true')).toEqual([]);
  expect(problems('stages.nafnet.runtime.recompute=true', 'runtime.compile=false')).toMatchObject([
    {
      message: expect.stringMatching(/^stages\.nafnet: runtime\.recompute is about compiled steps/),
      file: expect.any(String),
    },
  ]);
});

test('test images with the degradations of training images are warned of, unless they are held out of them', async () => {
  const warned = async (...set: string[]) => {
    warnings.length = 0;
    expect(await mistakes(...set)).toBeUndefined();
    return warnings.splice(0).filter((warning) => warning.includes('seed'));
  };
  const shared = (name: string) =>
    `"${name}" and "test" have the same seed (5), so they share their degradations. Set another \`seed\` for one of them.`;
  expect(await warned(...images('varied', ', size: 16')('test'), 'data.train.seed=5')).toEqual([
    shared('train'),
    shared('validation'),
  ]);
  const noValidation = ['nafnet', 'hinet'].map((stage) => `stages.${stage}.validation=null`);
  expect(await warned('evaluation.data=validation', ...noValidation)).toEqual([]);
});

test('a stage that is too short for its options is warned of before it is trained', () => {
  const warned = (file: string, ...set: string[]) => {
    warnings.length = 0;
    checkComponents(loadExperiment(resolve(smoke, `../${file}.yaml`), { set }), log);
    return warnings.splice(0);
  };
  expect(warned('smoke')).toEqual([]);
  expect(
    warned(
      'smoke',
      'stages.nafnet={validateEvery: 20, saveEvery: 11, ema: {decay: 0.999}}',
      'stages.nafnet.optimizer.schedule={type: warmup, iterations: 10}',
      'stages.hinet={validation: null, validateEvery: 20}',
      'stages.hinet.optimizer.schedule={type: cosine, minimum: 0.1}',
    ),
  ).toEqual([
    'stages.nafnet: `optimizer`: the warm-up of 10 iterations will not end in 10, so the rate stays below 0.001.',
    expect.stringMatching(/^stages\.nafnet: `ema`: after 10 updates .* 99 % of the first ones, which are random: /),
    'stages.nafnet: `validateEvery` is 20, but the training has 10 iterations: only the end will be validated.',
    'stages.nafnet: `saveEvery` is 11, but the training has 10 iterations: nothing will be saved before the end.',
    'stages.hinet: `optimizer`: the rate will rise from 0.001 to its `minimum`, 0.1.',
  ]);
  const quality = '{metric: {type: fid, features: {type: inception-v3-substitute}}, images: 12, every: 7}';
  expect(warned('gan-smoke', `stages.prior.quality=${quality}`, 'stages.prior.ema={rampUp: 0, halfLife: 100}')).toEqual(
    [
      // 8 images per iteration: 0.5^(48 / 100) = 0.717
      expect.stringMatching(/^stages\.prior: `ema`: after 6 updates .* 72 % of the first ones, which are random: /),
      'stages.prior: `quality.every` is 7, but the training has 6 iterations: only the end will be measured.',
    ],
  );
  expect(warned('gan-smoke', 'stages.prior.ema.halfLife=1e6')).toEqual([]);
  expect(
    warned(
      'gfpgan-smoke',
      'stages.gfpgan.pyramid.until=7',
      'stages.gfpgan.optimizers.discriminator.schedule.milestones=[3, 6]',
    ),
  ).toEqual([
    'stages.gfpgan: `optimizers.discriminator`: the milestone 6 of the rate will not be reached in 6 iterations.',
    'stages.gfpgan: `pyramid.until` is 7, but the training has 6 iterations: the pyramid will count to the end.',
  ]);
  // Trained weights may stay in the average for longer.
  const nafnet =
    '{type: nafnet, width: 8, encoderBlocks: [1, 1], middleBlocks: 1, decoderBlocks: [1, 1], weights: nafnet.nafnet}';
  expect(warned('smoke', 'networks.hinet=null', `networks.hinet=${nafnet}`, 'stages.hinet.ema.decay=0.9')).toEqual([]);
  expect(warned('smoke', 'stages.hinet.ema.decay=0.9')).toHaveLength(1);
});

test('accumulated and progressive batches are checked before networks have weights', async () => {
  const batch = '{size: 2, accumulate: 2, crop: 8, progressive: [{from: 5, size: 1, crop: 16}]}';
  expect(await mistakes(`stages.nafnet.batch=${batch}`)).toBeUndefined();
  expect(String(await mistakes(`stages.nafnet.batch=${batch.replace('16', '24')}`))).toMatch(/batch\.crop is 24/);
});

test('images of different sizes do not meet in one step, also where its batches hold one each', async () => {
  const without = ['stages.hinet', 'methods.HINet', 'data.validation', 'stages.nafnet.validation'];
  const set = (batch: string) => [
    ...without.map((path) => `${path}=null`),
    ...images('varied')('train'),
    `stages.nafnet.batch=${batch}`,
  ];
  expect(String(await mistakes(...set('{size: 1, accumulate: 2}')))).toMatch(/Images of one batch must have one size/);
  expect(await mistakes(...set('{size: 1}'))).toBeUndefined();
});
