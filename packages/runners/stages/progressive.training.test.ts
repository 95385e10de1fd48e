import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, jest, test } from '@jest/globals';
import { directSampler, type Batch, type Sampler } from '@dualprior/blocks';
import { loadEngine } from '@dualprior/core';
import '../index.ts';
import { leftBy, trainStage, type Setting } from './testing/stage-harness.ts';

jest.setTimeout(60_000);

beforeAll(() => void loadEngine());

const folder = () => mkdtempSync(join(tmpdir(), 'progressive-'));

/** 5 batches of 4 images, 3 of 2 and 2 of 1: each of the 28 images once. */
const PARTS = '{size: 4, crop: 8, progressive: [{from: 5, size: 2, crop: 12}, {from: 8, size: 1, crop: 16}]}';
const SET = [`stages.nafnet.batch=${PARTS}`, 'stages.nafnet.validateEvery=10'];

/** Trains into a folder; returns the batches by their iterations. */
async function trained(into: string, setting: Setting = {}): Promise<Map<number, Batch>> {
  const batches = new Map<number, Batch>();
  const sampler: Sampler = {
    ...directSampler,
    batch: async (data, random, sampling) => {
      const batch = await directSampler.batch(data, random, sampling);
      batches.set(sampling.iteration, batch);
      return batch;
    },
  };
  await trainStage('smoke.yaml', 'nafnet', into, { set: SET, sampler, ...setting });
  return batches;
}

test('progressive training: later batches have their own size and crop, an epoch has every image once, and it resumes bit-exactly', async () => {
  const [whole, stopped] = [folder(), folder()];
  const batches = await trained(whole);
  const shapes = Array.from({ length: 10 }, (_, i) => batches.get(i)!.shape.slice(0, 3));
  const part = (count: number, ...shape: number[]) => Array.from({ length: count }, () => shape);
  expect(shapes).toEqual([...part(5, 4, 8, 8), ...part(3, 2, 12, 12), ...part(2, 1, 16, 16)]);
  const shown = [...batches.values()].flatMap((batch) => batch.shown.map(({ name }) => name));
  expect([shown.length, new Set(shown).size]).toEqual([28, 28]);

  await expect(trained(stopped, { interruptAfter: 6 })).rejects.toThrow();
  await trained(stopped);
  expect(await leftBy(stopped)).toEqual(await leftBy(whole));
});

test.each([
  ['{from: 5, size: 2, crop: 32}', /batch\.crop is 32, but .* is 16x16/],
  ['{from: 5, size: 2, crop: 9}', /multiples of \d, but batch\.crop is 9/],
  ['{from: 10, size: 2, crop: 12}', /less than `iterations`/],
])('%s is refused before the training', async (part, message) => {
  const set = [`stages.hinet.batch={size: 4, crop: 8, progressive: [${part}]}`];
  await expect(trainStage('smoke.yaml', 'hinet', folder(), { set })).rejects.toThrow(message);
});
