import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, jest, test } from '@jest/globals';
import {
  Adam,
  ConstantSchedule,
  directSampler,
  L1Loss,
  type Restorer,
  type Sampler,
  type Sampling,
} from '@dualprior/blocks';
import { BatchNorm2d, Journal, loadEngine, Module, Parameters, Random, readSafetensors } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import '../index.ts';
import type { Console } from '../console/console.ts';
import { greys } from '../evaluation/testing/greys.ts';
import { UnreadableImages } from '../inference/unreadable-images.ts';
import { RegressionStage } from './regression.ts';
import { contactSheet } from '../inference/sheet.ts';
import { curvesIn, leftBy, stateNames, tensorCounts, trainStage } from './testing/stage-harness.ts';

jest.setTimeout(120_000);

beforeAll(() => void loadEngine());

const newFolder = () => mkdtempSync(join(tmpdir(), 'train-'));
const adam = (prefix = '') => ['exp_avg', 'exp_avg_sq', 'step'].map((name) => `${prefix}optimizer.${name}`);
const several = (role: string, ...more: string[]) => [
  role,
  ...adam(`${role}.`),
  ...more.map((name) => `${role}.${name}`),
];

/** What each of the stages draws, and by which names older versions of it have saved its state. */
const STAGES = [
  {
    ...{ file: 'smoke', stage: 'hinet', views: ['restored'] },
    curves: ['loss', 'learning_rate', 'validation_psnr'],
    state: ['parameters', ...adam(), 'ema'],
  },
  {
    ...{ file: 'dual-prior-smoke', stage: 'fuse', views: ['x_R', 'x_G', 'x_hat'] },
    curves: ['loss', 'loss_l1', 'learning_rate', 'validation_psnr'],
    state: ['fusion', ...adam()],
  },
  {
    ...{ file: 'dual-prior-smoke', stage: 'invert', views: ['x_R', 'x_G'] },
    curves: [
      ...['loss', 'loss_l1', 'loss_gan_nonsaturating', 'loss_d', 'r1', 'sign_real', 'sign_fake'],
      ...['learning_rate_e', 'learning_rate_g', 'learning_rate_d', 'validation_psnr'],
    ],
    state: [...several('encoder', 'buffers'), ...several('generator'), ...several('discriminator')],
  },
  {
    ...{ file: 'gan-smoke', stage: 'prior', views: undefined },
    curves: [
      ...['loss_g', 'loss_d', 'path_length', 'r1', 'sign_real', 'sign_fake', 'images'],
      ...['learning_rate_g', 'learning_rate_d'],
    ],
    state: [...several('generator', 'ema'), ...several('discriminator'), 'path_mean'],
  },
  {
    ...{ file: 'gfpgan-smoke', stage: 'gfpgan', views: ['restored'] },
    curves: [
      ...['loss', 'loss_l1', 'loss_gan_nonsaturating', 'loss_pyramid', 'loss_d', 'r1', 'sign_real', 'sign_fake'],
      ...['learning_rate', 'learning_rate_d', 'validation_psnr'],
    ],
    state: [...several('network', 'ema'), ...several('discriminator')],
  },
  {
    ...{ file: 'gpen-smoke', stage: 'gpen', views: ['restored'] },
    curves: [
      ...['loss', 'loss_smooth_l1', 'loss_gan_nonsaturating', 'path_length', 'loss_d', 'r1', 'sign_real', 'sign_fake'],
      ...['learning_rate', 'learning_rate_d', 'validation_psnr'],
    ],
    state: [...several('network', 'ema'), ...several('discriminator'), 'path_mean'],
  },
] as const;

/** What tells the line of labels above the columns of a picture of 16x16 images from another one. */
async function labelsOf(picture: Buffer | string, columns: number): Promise<string> {
  const { width, height } = await sharp(picture).metadata();
  const line = sharp(picture).extract({ left: 0, top: 0, width, height: Math.min(16, height) });
  const bytes = await line.removeAlpha().toColourspace('srgb').raw().toBuffer();
  return `${columns} columns, ${width} pixels, ${createHash('sha256').update(bytes).digest('hex')}`;
}

test.each(STAGES)('stage $stage draws just its curves, saves its state by its names, and frees all', async (one) => {
  const { file, stage, curves, state, views } = one;
  const [folder, before] = [newFolder(), tensorCounts()];
  const set = ['iterations=2', 'logEvery=1'].map((option) => `stages.${stage}.${option}`);
  await trainStage(`${file}.yaml`, stage, folder, { compile: false, set });
  expect(tensorCounts()).toEqual(before);
  const left = await leftBy(folder);
  expect(curvesIn(left)).toEqual([...curves].sort());
  expect(stateNames(folder)).toEqual([...state].sort());
  if (views === undefined) return;
  const labels = ['x', ...views, 'truth'];
  const grey = { width: 16, height: 16, data: new Uint8Array(768) };
  const expected = await contactSheet([labels.map(() => grey)], labels);
  const picture = join(folder, 'samples', '0000002.png');
  expect(await labelsOf(picture, labels.length)).toBe(await labelsOf(expected, labels.length));
});

test.each(['select={metric: ssim}', 'batch={size: 2, accumulate: 2}', 'runtime={compile: true}'])(
  'with %s it frees all, too',
  async (option) => {
    const before = tensorCounts();
    const set = ['iterations=2', option].map((each) => `stages.nafnet.${each}`);
    await trainStage('smoke.yaml', 'nafnet', newFolder(), { compile: false, set });
    expect(tensorCounts()).toEqual(before);
  },
);

/** What a stage asks of the sampler for its first batch. */
async function firstSampling(file: string, stage: string, ...options: string[]): Promise<Sampling> {
  let asked: Sampling | undefined;
  const sampler: Sampler = {
    ...directSampler,
    batch: async (_data, _random, sampling) => {
      asked ??= sampling;
      throw new Error('enough');
    },
  };
  const set = ['validation=null', ...options].map((option) => `stages.${stage}.${option}`);
  await expect(trainStage(`${file}.yaml`, stage, newFolder(), { compile: false, sampler, set })).rejects.toThrow(
    'enough',
  );
  return asked!;
}

test.each([
  ['smoke', 'nafnet'],
  ['dual-prior-smoke', 'invert'],
  ['dual-prior-smoke', 'fuse'],
])('images of %s, stage %s, are flipped and not turned, unless it says otherwise', async (file, stage) => {
  const sampling = await firstSampling(file, stage);
  expect(sampling).toMatchObject({ stream: 'batch', iteration: 0, drawn: 0, augment: { flip: true, rotate: false } });
  const other = await firstSampling(file, stage, 'augment={flip: false, rotate: true}');
  expect(other.augment).toEqual({ flip: false, rotate: true });
});

test.each([
  ['gfpgan-smoke', 'gfpgan'],
  ['gpen-smoke', 'gpen'],
])('faces of %s, stage %s, are never turned', async (file, stage) => {
  expect((await firstSampling(file, stage)).augment).toEqual({ flip: true, rotate: false });
  expect((await firstSampling(file, stage, 'augment={flip: false}')).augment).toEqual({ flip: false, rotate: false });
});

test('a restorer tells what it begins with, and which loss it goes without', async () => {
  const reported = async (...options: string[]) => {
    const lines: string[] = [];
    const set = ['iterations=1', 'validation=null', ...options].map((option) => `stages.gpen.${option}`);
    await trainStage('gpen-smoke.yaml', 'gpen', newFolder(), { compile: false, set, reported: lines });
    return lines.slice(0, -1); // all but how long it took
  };
  const absent = '  no identity loss: "identity" has no `weights` of "ir-se50" (GPEN: model_ir_se50.pth)';
  expect(await reported()).toEqual([expect.stringMatching(/^ {2}.*prior\.generator/), absent]);
  expect(await reported('prior=null')).toEqual([absent]);
  expect(await reported('prior=null', 'identity={type: l1}')).toEqual([]);
});

/** Restores nothing, but normalises a batch. */
class Normalising extends Module implements Restorer {
  readonly norm = new BatchNorm2d(3);
  readonly multiple = 1;

  restore(degraded: Tensor4D) {
    return { image: tf.add<Tensor4D>(degraded, this.norm.forward(degraded)), auxiliary: [] };
  }
}

test('running statistics of a network move in each iteration: of a fusion, and of any restorer', async () => {
  const fused = newFolder();
  const set = ['networks.fusion.normalization=batch', 'stages.fuse.iterations=2'];
  await trainStage('dual-prior-smoke.yaml', 'fuse', fused, { compile: false, set });
  expect(stateNames(fused)).toEqual(['fusion', ...adam(), 'buffers'].sort());
  const { tensors } = readSafetensors(join(fused, 'last.safetensors'));
  const counts = [...tensors].filter(([name]) => name.endsWith('.num_batches_tracked'));
  expect(counts.map(([, { values }]) => [...values])).toEqual(counts.map(() => [2]));
  expect(counts.length).toBeGreaterThan(0);

  const folder = newFolder();
  const module = new Normalising();
  const parameters = new Parameters(module, new Random(1));
  const schedule = new ConstantSchedule();
  const stage = new RegressionStage({
    network: { reference: 'network', module, parameters },
    data: greys([16, 8, 4, 2], 8),
    ...{ batch: { size: 2 }, augment: { flip: true, rotate: false }, loss: new L1Loss({ weight: 1 }), runtime: {} },
    optimizer: new Adam({ learningRate: 1e-3, schedule, betas: [0.9, 0.99], epsilon: 1e-8, weightDecay: 0 }),
    ...{ iterations: 3, validateEvery: 1, saveEvery: 1, logEvery: 1 },
  });
  const silent = { info: () => {}, warn: () => {}, progress: () => ({ update: () => {}, stop: () => {} }) };
  await stage.train({
    ...{ name: 'restore', folder, seed: 0, runtime: { compile: false, recompute: false }, sampler: directSampler },
    openJournal: (position) => Journal.open(join(folder, 'journal.jsonl'), { position }),
    unreadable: new UnreadableImages(silent),
    ...{ console: silent as unknown as Console, signal: new AbortController().signal },
  });
  expect(stateNames(folder)).toEqual(['parameters', ...adam(), 'buffers'].sort());
  expect(parameters.stateDict().get('norm.num_batches_tracked')!.values[0]).toBe(3);
  parameters.dispose();
});
