import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Container, loadExperiment, LOG, Random } from '@dualprior/core';
import sharp from 'sharp';
import '../../components.generated.ts';
import type { Dataset } from '../dataset.ts';
import { withSharp } from './pair-at.ts';
import { directSampler } from './sampler.ts';
import { WorkerSampler } from './worker-sampler.ts';

jest.setTimeout(60_000);

let folder: string;
let container: Container;
let shared: WorkerSampler | undefined;
let own: WorkerSampler | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sampler-'));
  mkdirSync(join(folder, 'images'));
  for (let i = 0; i < 5; i++) {
    const noise = { type: 'gaussian' as const, mean: 128, sigma: 20 + 10 * i };
    const create = { width: 40, height: 36, channels: 3 as const, background: 'gray', noise };
    await sharp({ create })
      .removeAlpha()
      .png()
      .toFile(join(folder, 'images', `${i}.png`));
  }
  writeFileSync(
    join(folder, 'data.yaml'),
    [
      'degradations: {blur: {type: motion-blur, kernels: {type: camera-shake, count: 5, size: 15}}}',
      'data:',
      '  faces: {type: avatars, size: 24, limit: 20, seed: 3, degradation: blur}',
      '  folder: {type: image-folder, root: images, seed: 4, holdOut: 2, degradation: blur}',
      '  held: {type: held-out, of: folder}',
      'evaluation: {data: faces}',
      'metrics: {psnr: {type: psnr}}',
    ].join('\n'),
  );
  const experiment = loadExperiment('data.yaml', { cwd: folder, env: {} });
  container = new Container(experiment, { services: [[LOG, { info: () => {}, warn: () => {} }]] });
});

afterEach(async () => {
  await own?.close();
  own = undefined;
});

afterAll(() => shared?.close());

function workers(count: number): WorkerSampler {
  const { data, degradations } = loadExperiment('data.yaml', { cwd: folder, env: {} }).config;
  const description = { sections: { data, degradations }, components: [], workers: count };
  return new WorkerSampler(description, (dataset) => container.nameOf('data', dataset));
}

/** Two workers, which take seconds to start: for all tests that leave images and workers as they are. */
const sharedWorkers = () => (shared ??= workers(2));

/** A worker that has read no image yet. */
const ownWorker = () => (own = workers(1));

async function dataset(name: string): Promise<Dataset> {
  const made = container.get<Dataset>('data', name);
  await made.prepare();
  return made;
}

describe('worker threads', () => {
  const sampling = { stream: 'batch', size: 3, crop: 16, augment: { flip: true, rotate: true } };

  test.each(['faces', 'folder'])('make the same batches of %s, bit for bit', async (name) => {
    const data = await dataset(name);
    const threads = sharedWorkers();
    for (const iteration of [0, 7]) {
      const [theirs, ours] = await Promise.all(
        [threads, directSampler].map((one) => one.batch(data, new Random(9), { ...sampling, iteration })),
      );
      expect(theirs).toEqual(ours);
    }
  });

  test('draw the same blurs for a device, bit for bit', async () => {
    const data = await dataset('folder');
    const made = [sharedWorkers(), directSampler, directSampler].map((one, i) =>
      one.batch(data, new Random(9), { ...sampling, iteration: 2, onDevice: i < 2 }),
    );
    const [theirs, ours, degraded] = await Promise.all(made);
    expect(ours!.blurs).toHaveLength(3);
    expect(theirs).toEqual(ours);
    expect(ours!.sharp).toEqual(degraded!.sharp);
  });

  test.each(['faces', 'held'])('make the same pairs of %s', async (name) => {
    const data = await dataset(name);
    const threads = sharedWorkers();
    for (const index of [0, 1, 0]) {
      const { sharp: image, degraded } = withSharp(await directSampler.pair(data, index));
      const pair = withSharp(await threads.pair(data, index));
      expect([pair.sharp.data, pair.degraded.data].map((bytes) => [...bytes])).toEqual([
        [...image.data],
        [...degraded.data],
      ]);
    }
  });

  test("tell a user's mistake as it is", async () => {
    const data = await dataset('folder');
    const larger = { ...sampling, size: 1, crop: 39, iteration: 0 }; // of several, any of them may be reported
    const messages = await Promise.all(
      [sharedWorkers(), directSampler].map((one) =>
        one.batch(data, new Random(9), larger).then(
          () => 'made',
          (error: Error) => `${error.name}: ${error.message}`,
        ),
      ),
    );
    expect(messages[0]).toMatch(/^UserError: .*39/);
    expect(messages[0]).toBe(messages[1]);
  });

  test('look for no file again; an image that is lost is an error that names it, and they continue', async () => {
    const data = await dataset('folder');
    const threads = ownWorker();
    const expected = await directSampler.pair(data, 1);
    const lost = join(folder, 'images', data.name(0));
    writeFileSync(lost, 'no image');
    writeFileSync(join(folder, 'images', '00.png'), 'who looks again finds this');
    await expect(threads.pair(data, 0)).rejects.toThrow(new RegExp(`^${lost} cannot be read: `));
    expect(await threads.pair(data, 1)).toEqual(expected);
  });

  test('do not continue, nor start, once they are closed', async () => {
    const data = await dataset('faces');
    const threads = ownWorker();
    await threads.pair(data, 0);
    const late = Promise.allSettled([1, 2, 3].map((index) => threads.pair(data, index)));
    await threads.close();
    await threads.close();
    expect((await late).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await expect(threads.pair(data, 0)).rejects.toThrow('closed');
    await expect(threads.batch(data, new Random(9), { ...sampling, iteration: 0 })).rejects.toThrow('closed');
  });

  test('are not needed for a data set that the description has not', async () => {
    const data = await dataset('faces');
    const sections = { data: {}, degradations: {} };
    const threads = new WorkerSampler({ sections, components: [], workers: 1 }, () => undefined);
    await threads.close();
    const batch = { ...sampling, iteration: 3 };
    expect(await threads.batch(data, new Random(9), batch)).toEqual(
      await directSampler.batch(data, new Random(9), batch),
    );
    expect(await threads.pair(data, 1)).toEqual(await directSampler.pair(data, 1));
  });
});
