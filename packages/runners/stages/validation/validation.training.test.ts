import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Avatars, directSampler, type Dataset } from '@dualprior/blocks';
import { Interrupted, Journal, loadEngine, loadExperiment, readSafetensors, readWholeJournal } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import type { Console } from '../../console/console.ts';
import { greys } from '../../evaluation/testing/greys.ts';
import { DualPrior } from '../../networks/dual-prior.ts';
import '../../index.ts';
import type { Selecting } from './select.ts';
import type { StageViews } from './stage-views.ts';
import { leftBy, trainStage } from '../testing/stage-harness.ts';
import { UnreadableImages } from '../../inference/unreadable-images.ts';
import { Validation } from './validation.ts';

jest.setTimeout(60_000);

const SIDE = 16;
const EXPERIMENTS = resolve(import.meta.dirname, '../../../../experiments');

let folder: string;
let journal: Journal;
let lines: string[];

beforeAll(() => void loadEngine());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'validation-'));
  journal = Journal.open(join(folder, 'journal.jsonl'), { position: 0 });
  lines = [];
});

function avatars(limit?: number): Avatars {
  return new Avatars({ size: SIDE, holdOut: 0, seed: 1, ...(limit !== undefined && { limit }) });
}

interface Setting {
  readonly data: Dataset;
  readonly batch?: number;
  readonly memory?: number;
  readonly compile?: boolean;
}

/** TensorFlow's variables have names of their own. */
let weights = 0;

/** A validation of numbers that grow with each `run`, of one frozen view and one that is trained. */
function validation({ data, batch = 8, memory = 2 ** 20, compile = false }: Setting) {
  const calls = { frozen: 0, trained: 0, images: 0 };
  const weight = tf.variable(tf.scalar(0.5), true, `weight-${++weights}`);
  const views: StageViews = {
    frozen: {
      names: ['x_R'],
      make: (degraded) => {
        calls.frozen++;
        return [tf.pow(degraded, 1.7) as Tensor4D];
      },
    },
    trained: {
      name: 'x_hat',
      make: (_degraded, regressed) => {
        calls.trained++;
        calls.images += regressed!.shape[0];
        return tf.mul(regressed!, weight);
      },
    },
  };
  const console = { info: (line: string) => void lines.push(line) } as unknown as Console;
  const options = { data, every: 1, batch, views, compile, ranks: true, memory };
  const context = {
    name: 'restore',
    folder,
    console,
    sampler: directSampler,
    unreadable: new UnreadableImages(console),
  };
  return { calls, weight, of: new Validation(options, context) };
}

async function values(): Promise<unknown[]> {
  const records = await readWholeJournal(join(folder, 'journal.jsonl'));
  return records.flatMap((record) => (record.event === 'metric' ? [record.value] : []));
}

/** The pictures and values of three validations. */
async function validated(setting: Setting) {
  const { of, calls, weight } = validation(setting);
  await setting.data.prepare();
  const tensors: number[] = [];
  await of.begin(journal);
  for (const iterations of [1, 2, 3]) {
    weight.assign(tf.scalar(iterations / 3));
    await of.run(iterations, journal);
    tensors.push(tf.memory().numTensors);
  }
  of.dispose();
  expect(new Set(tensors.map((count, i) => count - i)).size).toBe(1); // the scalars of this test
  const pictures = [0, 1, 2, 3].map((i) => readFileSync(join(folder, 'samples', `000000${i}.png`), 'base64'));
  return { calls, left: { pictures, values: await values() } };
}

describe('what frozen networks make', () => {
  test.each([false, true])(
    'is made once; the values are those of making it each time (compiled: %s)',
    async (compile) => {
      const kept = await validated({ data: avatars(20), compile });
      expect(lines.filter((line) => line.includes('GiB'))).toEqual([]);
      folder = mkdtempSync(join(tmpdir(), 'validation-'));
      journal = Journal.open(join(folder, 'journal.jsonl'), { position: 0 });
      const again = await validated({ data: avatars(20), compile, memory: 0 });
      expect(again.left).toEqual(kept.left);
      // Compiled, it is called where it is traced: once for each size of a batch.
      expect([kept.calls.frozen, again.calls.frozen]).toEqual(compile ? [2, 2] : [3, 10]);
    },
  );

  test('is kept up to the last byte', async () => {
    const all = 20 * SIDE * SIDE * 3 * 4;
    const { calls } = await validated({ data: avatars(20), memory: all });
    expect(calls.frozen).toBe(3);
  });

  test('beyond the memory for it is made again, which is said once', async () => {
    const oneBatch = 8 * SIDE * SIDE * 3 * 4;
    const { calls } = await validated({ data: avatars(20), memory: 1.5 * oneBatch + 1 });
    // The first batch fits, and then the third, of half its size.
    expect(calls.frozen).toBe(2 + 3);
    const allowed = ((1.5 * oneBatch + 1) / 2 ** 30).toPrecision(2);
    expect(lines.filter((line) => line.includes('GiB'))).toEqual([
      `  x_R of all validation images take more than ${allowed} GiB of memory: those beyond are computed again each time`,
    ]);
  });
});

test('all images of the data set count, of one without end the first 64', async () => {
  for (const [data, count] of [
    [avatars(100), 100],
    [avatars(), 64],
  ] as const) {
    const { of, calls } = validation({ data });
    await data.prepare();
    await of.run(1, journal);
    expect(calls.images).toBe(count);
  }
});

const mean = (numbers: readonly number[]) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;

/** What a stage makes of them: `change` grey levels brighter. */
function brighter(data: Dataset, change: number, console = {} as Console) {
  const views: StageViews = { trained: { name: 'x_R', make: (x) => tf.add<Tensor4D>(x, change / 255) } };
  const options = { data, every: 1, batch: 4, views, compile: true, ranks: true };
  const unreadable = new UnreadableImages(console);
  return new Validation(options, { name: 'restore', folder, console, sampler: directSampler, unreadable });
}

test('PSNR is that of the results, over all images; that of the degraded ones comes first', async () => {
  const data = greys([16, 8, 4, 2, 32, 64], SIDE);
  const psnrOf = (difference: number) => 20 * Math.log10(255 / difference);
  const of = brighter(data, 1, { info: (line: string) => void lines.push(line) } as unknown as Console);
  await of.begin(journal);
  const value = await of.run(1, journal);
  expect(value).toBeCloseTo(mean([15, 7, 3, 1, 31, 63].map(psnrOf)), 10);
  expect(await values()).toEqual([expect.closeTo(mean([16, 8, 4, 2, 32, 64].map(psnrOf)), 10), value]);
  expect(lines).toEqual([
    `  PSNR of the degraded validation images: ${mean([16, 8, 4, 2, 32, 64].map(psnrOf)).toFixed(2)} dB`,
  ]);
});

test('the highest PSNR is the best, unless another metric chooses or no result is better than another', () => {
  const of = (how: { ranks: boolean; select?: Selecting }) => {
    const views: StageViews = { trained: { name: 'x_R', make: (x) => x } };
    const options = { data: greys([1], SIDE), every: 3, batch: 4, views, compile: false, ...how };
    const console = {} as Console;
    const unreadable = new UnreadableImages(console);
    const made = new Validation(options, { name: 'restore', folder, console, sampler: directSampler, unreadable });
    expect(made.every).toBe(3);
    return made.ranking && [made.ranking.better, made.ranking.describe(28.404)];
  };
  expect(of({ ranks: true })).toEqual(['higher', 'validation PSNR 28.40 dB']);
  expect(of({ ranks: false })).toBeUndefined();
  for (const ranks of [true, false]) {
    expect(of({ ranks, select: firstPixel('lower') })).toEqual(['lower', 'validation first 28.4']);
  }
});

test('each picture is in the journal, at its iteration', async () => {
  const of = brighter(greys([16, 8], SIDE), 1, { info: () => {} } as unknown as Console);
  await of.begin(journal);
  await of.run(7, journal);
  const records = await readWholeJournal(join(folder, 'journal.jsonl'));
  expect(records.flatMap((r) => (r.event === 'image' ? [[r.key, r.step, r.file]] : []))).toEqual([
    ['validation', 0, 'samples/0000000.png'],
    ['validation', 7, 'samples/0000007.png'],
  ]);
});

test('what it holds is freed', async () => {
  for (const compile of [false, true]) {
    const before = [loadEngine().tensors(), tf.memory().numTensors];
    const freed: string[] = [];
    const select = { ...firstPixel('lower'), dispose: () => void freed.push('metric') };
    const views: StageViews = {
      frozen: { names: ['x_R'], make: (x) => [x] },
      trained: { name: 'x_G', make: (_, x) => tf.mul(x!, 0.5) },
    };
    const options = { data: greys([1, 5], SIDE), every: 1, batch: 2, views, compile, ranks: false, select };
    const console = {} as Console;
    const unreadable = new UnreadableImages(console);
    const of = new Validation(options, { name: 'invert', folder, console, sampler: directSampler, unreadable });
    await of.run(1, journal);
    of.dispose();
    expect(freed).toEqual(['metric']);
    expect([loadEngine().tensors(), tf.memory().numTensors]).toEqual(before);
  }
});

test('an image that equals the sharp one leaves the mean finite, and above that of a worse one', async () => {
  const data = greys([1, 5], SIDE);
  // As if one number of 16 x 16 x 3 were off by one.
  const best = 10 * Math.log10(255 ** 2 * SIDE * SIDE * 3);
  const [exact, worse] = [await brighter(data, 1).run(1, journal), await brighter(data, 0).run(2, journal)];
  expect(exact).toBeCloseTo((best + 20 * Math.log10(255 / 4)) / 2, 10);
  expect(exact).toBeGreaterThan(worse!);
});

/** How far the first pixel is from the sharp one's; a metric that no package knows. */
const firstPixel = (better: 'higher' | 'lower'): Selecting => ({
  columns: [{ name: 'first', better, digits: 1 }],
  measure: (restored, truth) => [Math.abs(restored.data[0]! - truth.data[0]!)],
});

test('another metric may choose: its mean is the value, and a curve beside PSNR', async () => {
  const data = greys([16, 8, 4], SIDE);
  const views: StageViews = { trained: { name: 'x_R', make: (x) => tf.add<Tensor4D>(x, 1 / 255) } };
  const console = { info: () => {} } as unknown as Console;
  const unreadable = new UnreadableImages(console);
  const options = { data, every: 1, batch: 2, views, compile: true, ranks: true, select: firstPixel('lower') };
  const of = new Validation(options, { name: 'restore', folder, console, sampler: directSampler, unreadable });
  await of.begin(journal);
  expect(await of.run(1, journal)).toBeCloseTo((15 + 7 + 3) / 3, 10);
  expect(of.ranking?.better).toBe('lower');
  expect(of.ranking?.describe(1.25)).toBe('validation first 1.3');
  const records = await readWholeJournal(join(folder, 'journal.jsonl'));
  const curves = records.flatMap((record) => (record.event === 'metric' ? [[record.key, record.step]] : []));
  expect(curves).toEqual([
    ['validation_psnr', 0],
    ['validation_first', 0],
    ['validation_psnr', 1],
    ['validation_first', 1],
  ]);
  expect((await values())[1]).toBeCloseTo((16 + 8 + 4) / 3, 10);
});

describe('a stage with `select`', () => {
  const set = ['stages.nafnet.select={metric: ssim}', 'stages.nafnet.validateEvery=1'];

  test('gives the checkpoint with the best value of the metric, also when it was interrupted', async () => {
    await trainStage('smoke.yaml', 'nafnet', folder, { set });
    const whole = await leftBy(folder);
    const values = whole.curves.flatMap(([key, step, value]) => (key === 'validation_ssim' ? [[step, value]] : []));
    expect(values.map(([step]) => step)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const trained = values.slice(1);
    const [iteration, best] = trained.find(([, value]) => value === Math.max(...trained.map(([, each]) => each!)))!;
    const { metadata } = readSafetensors(join(folder, 'best.safetensors'));
    expect(JSON.parse(metadata.get('metrics')!)).toEqual({
      best: { iteration, by: `validation ssim ${best!.toFixed(4)}` },
    });
    folder = mkdtempSync(join(tmpdir(), 'validation-'));
    await expect(trainStage('smoke.yaml', 'nafnet', folder, { set, interruptAfter: 6 })).rejects.toThrow(Interrupted);
    await trainStage('smoke.yaml', 'nafnet', folder, { set });
    expect(await leftBy(folder)).toEqual(whole);
  });

  test('is another stage than one without', () => {
    const identity = (...set: string[]) =>
      loadExperiment(join(EXPERIMENTS, 'gfpgan-smoke.yaml'), { set }).identity('stages', 'gfpgan');
    expect(identity('stages.gfpgan.select={metric: ssim}')).not.toBe(identity());
  });

  test.each([
    [
      'a metric of sets',
      ['metrics.kid={type: kid, features: {type: inception-v3-substitute}}', 'stages.nafnet.select={metric: kid}'],
      /`select` chooses by kid_substitute, which validation does not compute[^]*psnr, ssim and lpips/,
    ],
    [
      'no validation',
      ['stages.nafnet.validation=null', 'stages.nafnet.select={metric: ssim}'],
      /the stage has no `validation`/,
    ],
    ['no such metric', ['stages.nafnet.select={metric: lpips}'], /there is no "lpips" in metrics[^]*psnr, ssim/],
    [
      'images that are too small for it',
      ['data.train.size=8', 'stages.nafnet.select={metric: ssim}'],
      /The metric of `select` compares images with sides of at least 11, but .* of the validation images is 8x8/,
    ],
  ])('%s is an error', async (_, set, message) => {
    await expect(trainStage('smoke.yaml', 'nafnet', folder, { set })).rejects.toThrow(message);
  });
});

test('a result that is not finite is an error with the stage and the image', async () => {
  const data = greys([1, 5, 100, 3], SIDE);
  const all: StageViews[] = [
    { frozen: { names: ['x_R'], make: (x) => [x] }, trained: { name: 'x_G', make: (_, x) => tf.log(x!) } },
    { trained: { name: 'x_R', make: (x) => tf.log(x) } },
  ];
  for (const views of all) {
    const options = { data, every: 1, batch: 2, views, compile: true, ranks: false };
    const console = {} as Console;
    const unreadable = new UnreadableImages(console);
    const of = new Validation(options, { name: 'invert', folder, console, sampler: directSampler, unreadable });
    await expect(of.run(1, journal)).rejects.toThrow(
      /^Stage "invert", in its validation, returns numbers that are not finite for grey-2\.png: the results of all modules/,
    );
  }
});

test('in the beginning only the four images that are shown are looked at, later all', async () => {
  const data = avatars(6);
  await data.prepare();
  const { of, calls } = validation({ data, batch: 1 });
  await of.begin(journal);
  expect(calls).toEqual({ frozen: 4, trained: 4, images: 4 });
  await of.run(1, journal);
  expect(calls).toEqual({ frozen: 6, trained: 10, images: 10 });
  of.dispose();
});

test('a grid has a labelled column for each view, from the beginning', async () => {
  const data = avatars(6);
  await data.prepare();
  await validation({ data }).of.begin(journal);
  const { data: pixels, info } = await sharp(join(folder, 'samples', '0000000.png'))
    .raw()
    .toBuffer({ resolveWithObject: true });
  const cell = 3 * SIDE; // as wide as `truth`
  expect([info.width, info.height]).toEqual([4 * (cell + 2) - 2, 16 + 4 * (cell + 2) - 2]);
  const head = pixels.subarray(0, 16 * info.width * 3);
  for (let column = 0; column < 4; column++) {
    const dark = Array.from(head).filter((value, i) => {
      const x = Math.floor(i / 3) % info.width;
      return value < 128 && x >= column * (cell + 2) && x < column * (cell + 2) + cell;
    });
    expect({ column, drawn: dark.length > 0 }).toEqual({ column, drawn: true });
  }
});

test.each([
  ['invert', ['regress']],
  ['fuse', ['regress', 'invert']],
] as const)('stage %s: more validations, no more calls of what it leaves as it is', async (stage, frozen) => {
  const spies = frozen.map((method) => jest.spyOn(DualPrior.prototype, method));
  const calls: number[][] = [];
  for (const every of [6, 1]) {
    spies.forEach((spy) => spy.mockClear());
    const own = mkdtempSync(join(tmpdir(), 'validation-'));
    await trainStage('dual-prior-smoke.yaml', stage, own, {
      compile: false,
      set: [`stages.${stage}.validateEvery=${every}`],
    });
    expect(JSON.stringify(await leftBy(own)).match(/0000\d+\.png/g)).toHaveLength(every === 6 ? 2 : 7);
    calls.push(spies.map(({ mock }) => mock.calls.length));
  }
  jest.restoreAllMocks();
  expect(calls[0]!.every((count) => count > 0)).toBe(true);
  expect(calls[1]).toEqual(calls[0]);
});
