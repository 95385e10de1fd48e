import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Avatars, FidMetric, PsnrMetric, type Generator, type SetMetric, type Vectors } from '@dualprior/blocks';
import { drawnExtractor } from '@dualprior/blocks/testing/drawn-extractor';
import { Journal, loadEngine, readWholeJournal } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Console } from '../../console/console.ts';
import { UnreadableImages } from '../../inference/unreadable-images.ts';
import type { TrainedGenerator } from '../../networks/gan-networks.ts';
import { checkRealImages, GeneratorQuality, qualityOf } from './quality.ts';

loadEngine();

const SIDE = 16;

async function avatars(limit: number): Promise<Avatars> {
  const data = new Avatars({ size: SIDE, holdOut: 0, seed: 1, limit });
  await data.prepare();
  return data;
}

/** A generator whose n-th image has the grey level n; from one of them on its images are not finite. */
function counting(notFiniteFrom = Infinity): { generator: TrainedGenerator; batches: number[] } {
  const batches: number[] = [];
  let made = 0;
  const synthesize = (latents: Tensor3D): Tensor4D => {
    const [count] = latents.shape;
    batches.push(count);
    const levels = Array.from({ length: count }, (_, i) =>
      made + i < notFiniteFrom ? (2 * (made + i)) / 255 - 1 : NaN,
    );
    made += count;
    return tf.mul(tf.tensor4d(levels, [count, 1, 1, 1]), tf.ones<tf.Rank.R4>([count, 2, 2, 3]));
  };
  const module = { styleWidth: 2, latents: 3, map: (z: Tensor2D) => z, synthesize } as unknown as Generator;
  const parameters = { use: <T>(compute: () => T) => compute() };
  return { generator: { reference: 'generator', module, parameters } as unknown as TrainedGenerator, batches };
}

/** A metric whose vector of an image is its first grey level, twice. It keeps what it compares. */
function levels() {
  const compared: { generated: Vectors; real: Vectors }[] = [];
  const calls: string[] = [];
  const vectors = {
    ...{ key: 'levels', length: 2 },
    of: (images: readonly { data: Uint8Array }[]) =>
      Float32Array.from(images.flatMap(({ data }) => [data[0]!, data[0]!])),
  };
  const columns = ['first', 'second'].map((name) => ({ name, better: 'lower', digits: 3 }));
  const metric = {
    ...{ columns, vectors, minimumImages: 2 },
    prepare: async () => void calls.push('prepare'),
    dispose: () => void calls.push('dispose'),
    remarks: (table: object) => ({ notes: ['note'], warnings: [JSON.stringify(table)] }),
    compare: (generated: Vectors, real: Vectors) => {
      compared.push({ generated, real });
      return [{ value: 10 }, { value: 10 + compared.length }];
    },
  } as unknown as SetMetric;
  return { metric, compared, calls };
}

const average = undefined as unknown as Tensor1D;

/** What measures 5 images, two at a time, against the first 3 or more of some. */
async function measuring(limit: number, generator: TrainedGenerator, own = levels()) {
  const folder = mkdtempSync(join(tmpdir(), 'quality-'));
  const journal = Journal.open(join(folder, 'journal.jsonl'));
  const warned: string[] = [];
  const console = { info: () => {}, warn: (line: string) => void warned.push(line) } as unknown as Console;
  const context = {
    ...{ name: 'prior', folder, console, signal: new AbortController().signal },
    unreadable: new UnreadableImages(console),
  };
  const quality = { metric: own.metric, column: 1, every: 7, images: 5, data: await avatars(limit), batch: 2 };
  return { ...own, warned, folder, journal, of: new GeneratorQuality(quality, generator, average, context) };
}

test('compares as many generated images as real ones, in their order, and journals all columns', async () => {
  const { generator, batches } = counting();
  const { of, compared, warned, folder, journal } = await measuring(9, generator);
  expect(of.every).toBe(7);
  expect(of.ranking).toMatchObject({ better: 'lower' });
  expect(of.ranking.describe(1.23456)).toBe('second 1.235');
  await of.begin();
  expect([await of.run(7, journal), await of.run(14, journal)]).toEqual([11, 12]);
  expect(batches).toEqual([2, 2, 1, 2, 2, 1]);
  expect(compared.map(({ generated }) => [...generated.values])).toEqual([
    [0, 0, 1, 1, 2, 2, 3, 3, 4, 4],
    [5, 5, 6, 6, 7, 7, 8, 8, 9, 9],
  ]);
  for (const { generated, real } of compared) {
    expect(generated).toMatchObject({ count: 5, length: 2 });
    expect(real).toMatchObject({ count: 5, length: 2 });
  }
  const data = await avatars(9);
  const first = await Promise.all([0, 1, 2, 3, 4].map(async (i) => (await data.read(i)).data[0]!));
  expect([...compared[1]!.real.values]).toEqual(first.flatMap((level) => [level, level]));
  expect(compared[1]!.real).toBe(compared[0]!.real);
  expect(warned).toEqual(['{"images":5,"different":5,"columns":["first","second"]}']);
  expect(readdirSync(join(folder, 'state'))).toEqual([expect.stringMatching(/\.vectors$/)]);
  const records = await readWholeJournal(join(folder, 'journal.jsonl'));
  expect(records.flatMap((r) => (r.event === 'metric' ? [[r.key, r.step, r.value]] : []))).toEqual([
    ['first', 7, 10],
    ['second', 7, 11],
    ['first', 14, 10],
    ['second', 14, 12],
  ]);
});

test('compares all real images where there are fewer, and frees its metric', async () => {
  const { generator } = counting();
  const { of, compared, calls, journal } = await measuring(3, generator);
  await of.run(7, journal);
  await of.run(14, journal);
  expect(compared.map(({ generated, real }) => [[...generated.values], real.count])).toEqual([
    [[0, 0, 1, 1, 2, 2], 3],
    [[3, 3, 4, 4, 5, 5], 3],
  ]);
  expect(calls).toEqual(['prepare']);
  of.dispose();
  expect(calls).toEqual(['prepare', 'dispose']);
});

test('needs nothing to prepare or to free', async () => {
  const own = levels();
  const { prepare: _, dispose: __, ...metric } = own.metric;
  const { of, journal } = await measuring(3, counting().generator, { ...own, metric: metric as SetMetric });
  expect(await of.run(7, journal)).toBe(11);
  expect(() => of.dispose()).not.toThrow();
});

test('an image that is not finite is named by its number among all', async () => {
  const { of, journal } = await measuring(9, counting(3).generator);
  await expect(of.run(7, journal)).rejects.toThrow(
    /^The average of "generator" in stage "prior" returns numbers that are not finite for generated image 3:/,
  );
});

describe('what the option asks for', () => {
  const metric = new FidMetric({ features: drawnExtractor() });

  test('is a column by its name, by default the first', async () => {
    const data = await avatars(2);
    const of = (by?: string) => qualityOf({ metric, every: 3, images: 4, ...(by !== undefined && { by }) }, data, 8);
    expect(of()).toEqual({ metric, column: 0, every: 3, images: 4, data, batch: 8 });
    expect([of('fid').column, of('fid_3').column]).toEqual([0, 1]);
    expect(() => of('kid')).toThrow('`quality.by` is "kid", but its metric has fid and fid_3.');
    const psnr = { ...new PsnrMetric({ channel: 'rgb', cropBorder: 0 }), columns: metric.columns };
    expect(() => qualityOf({ metric: psnr as never, every: 1, images: 2 }, data, 8)).toThrow(
      '`quality` compares sets of images, which fid, fid_3 cannot: give it the metric fid or kid.',
    );
  });

  test('are at least as many real images as the metric needs', async () => {
    const quality = (data: Avatars, images: number) => ({ metric, column: 0, every: 1, images, data, batch: 2 });
    const [one, three] = [await avatars(1), await avatars(3)];
    expect(() => checkRealImages(quality(three, 2))).not.toThrow();
    expect(() => checkRealImages(quality(one, 4))).toThrow(
      '`quality` compares at least 2 different images, but its data has 1.',
    );
  });
});
