import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Dataset, Image } from '@dualprior/blocks';
import { loadExperiment, Random } from '@dualprior/core';
import sharp from 'sharp';
import '../../catalogue.ts';
import { Stopwatch } from './stopwatch.ts';
import { coresFor, dataText } from './text.ts';
import { timeData } from './time-data.ts';
import { TimedDataset } from './timed-dataset.ts';

const SMOKE = resolve(import.meta.dirname, '../../../../experiments/smoke.yaml');
const log = { info: () => {}, warn: () => {} };

/** Keeps the processor busy for so many ms of its own time. */
function burn(ms: number): void {
  const before = process.cpuUsage();
  for (let used = 0; used < ms;) {
    const { user, system } = process.cpuUsage(before);
    used = (user + system) / 1000;
  }
}

test('processor time is counted by what it is spent for, also where two ask at once', async () => {
  const image: Image = { width: 1, height: 1, data: new Uint8Array(3) };
  const busy = {
    length: 4,
    random: new Random(0),
    read: async () => (burn(40), image),
    degrade: async () => (burn(20), image),
  } as unknown as Dataset;
  const watch = new Stopwatch();
  const dataset = new TimedDataset(busy, watch);
  await Promise.all([dataset.read(0), dataset.read(1)]);
  await dataset.degrade(image, new Random(0).stream('noise'));
  expect(watch.of('reading')).toBeGreaterThanOrEqual(80);
  expect(watch.of('degrading')).toBeGreaterThanOrEqual(20);
  expect(watch.of('degrading')).toBeLessThan(watch.of('reading'));
  expect(watch.of('nothing')).toBe(0);
});

test('drawn images are drawn, degraded and made batches of; stages with the same images are timed once', async () => {
  const benches = await timeData(loadExperiment(SMOKE), { images: 3, log });
  expect(benches).toHaveLength(1);
  const [bench] = benches;
  expect(bench).toMatchObject({ stage: 'nafnet', data: 'train', images: 3 });
  expect(bench!.parts.map(({ name }) => name)).toEqual(['draw', 'degrade', 'batch']);
  expect(bench!.ms).toBeCloseTo(
    bench!.parts.reduce((sum, { ms }) => sum + ms, 0),
    9,
  );
});

test('photographs are read, decoded and resized too', async () => {
  const root = mkdtempSync(join(tmpdir(), 'photographs-'));
  for (const name of ['a.png', 'b.png', 'c.png', 'd.png']) {
    const noise = { type: 'gaussian', mean: 128, sigma: 30 } as const;
    await sharp({ create: { width: 64, height: 64, channels: 3, background: 'grey', noise } }).toFile(join(root, name));
  }
  const set = ['data.train=null', `data.train={type: image-folder, root: ${root}, size: 16, degradation: blur}`];
  const validation = ['data.validation=null', 'stages.nafnet.validation=null', 'stages.hinet.validation=null'];
  const experiment = loadExperiment(SMOKE, { set: [...set, ...validation] });
  const [bench] = await timeData(experiment, { stage: 'hinet', images: 2, log });
  expect(bench!.stage).toBe('hinet');
  expect(bench!.parts.map(({ name }) => name)).toEqual(['read', 'decode', 'resize', 'degrade', 'batch']);
});

test('the cores of a step follow from its time and its images', () => {
  expect(coresFor({ ms: 31.25, batch: 8 }, 250)).toBe(1);
  expect(coresFor({ ms: 31.25, batch: 8 }, 50)).toBe(5);
  const parts = [{ name: 'draw', ms: 31.25 }];
  const text = dataText({ stage: 's', data: 'd', batch: 8, crop: null, images: 1, parts, ms: 31.25 }, 50);
  expect(text).toMatch(/draw +31\.25 +32\n/);
  expect(text).toContain('A step of 50 ms with 8 images needs 5.00 cores');
});

test('a stage that there is not is an error with those there are', async () => {
  await expect(timeData(loadExperiment(SMOKE), { stage: 'nafnett', images: 1, log })).rejects.toThrow(
    'has no stage "nafnett"; its stages: nafnet, hinet.',
  );
});
