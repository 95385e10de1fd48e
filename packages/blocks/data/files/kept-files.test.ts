import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Container, Experiment, LOG, Random, type Log } from '@dualprior/core';
import sharp from 'sharp';
import '../../index.ts';
import type { Dataset } from '../dataset.ts';
import { sampleBatch } from '../sampler/sample-batch.ts';

const SIDE = 24;
/** The size of a kept image: 3 bytes per pixel after the header. */
const HEADER = 32;
const PIXELS = 3 * 16 * 16;

const cache = process.env['DUALPRIOR_CACHE'];
let root: string;
let home: string;

/** A photograph of noise, as JPEG. */
async function photograph(name: string, mean: number): Promise<void> {
  const noise = { type: 'gaussian', mean, sigma: 40 } as const;
  const image = sharp({ create: { width: SIDE, height: SIDE, channels: 3, background: 'grey', noise } });
  writeFileSync(join(root, name), await image.jpeg().toBuffer());
}

const log: Log = { info: () => {}, warn: () => {} };
const disk = (mebibytes = 1) => ({ on: 'disk', mebibytes });

async function dataset(options: object): Promise<Dataset> {
  const data = { train: { type: 'image-folder', root, size: 16, minimumSide: 16, holdOut: 0, seed: 0, ...options } };
  const nothing = {
    networks: {},
    stages: {},
    methods: {},
    metrics: {},
    degradations: {},
    evaluation: null,
    tracking: null,
  };
  const runtime = { device: 'cpu', compile: false, recompute: false } as const;
  const experiment = new Experiment('', { name: 'data', seed: 0, runtime, ...nothing, data });
  const made = new Container(experiment, { services: [[LOG, log]] }).get<Dataset>('data', 'train');
  await made.prepare();
  return made;
}

const images = (options: object) => dataset(options).then((made) => Promise.all([0, 1, 2].map((i) => made.read(i))));
const kept = () => readdirSync(join(home, 'images')).map((name) => join(home, 'images', name));

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'photographs-'));
  home = mkdtempSync(join(tmpdir(), 'cache-'));
  process.env['DUALPRIOR_CACHE'] = home;
  for (const [i, name] of ['a.jpg', 'b.jpg', 'c.jpg'].entries()) await photograph(name, 80 + 40 * i);
});

afterEach(() => {
  if (cache === undefined) delete process.env['DUALPRIOR_CACHE'];
  else process.env['DUALPRIOR_CACHE'] = cache;
});

test('what is kept on the disk is what sharp decodes, the first time and later', async () => {
  const own = await Promise.all(
    ['a.jpg', 'b.jpg', 'c.jpg'].map((name) =>
      sharp(join(root, name)).resize(16, 16, { fit: 'cover', kernel: 'lanczos3' }).raw().toBuffer(),
    ),
  );
  for (const options of [{ cache: disk() }, { cache: disk() }, { cache: { on: 'memory', mebibytes: 1 } }, {}]) {
    expect((await images(options)).map(({ data }) => Buffer.from(data as Uint8Array))).toEqual(own);
  }
  expect(kept().map((file) => readFileSync(file).length)).toEqual([1, 2, 3].map(() => HEADER + PIXELS));
});

test('batches are the same numbers with it and without', async () => {
  const augment = { flip: true, rotate: true };
  const batch = async (options: object) =>
    sampleBatch(await dataset(options), new Random(3), { stream: 'batch', iteration: 2, size: 3, crop: 8, augment });
  const without = await batch({});
  expect(await batch({ cache: disk() })).toEqual(without);
  expect(await batch({ cache: disk() })).toEqual(without);
});

test('kept images are read instead of their files; damaged ones, and those of edited files, are decoded again', async () => {
  const [before] = await images({ cache: disk() });
  const swapped = kept().map((file) => readFileSync(file));
  for (const file of kept()) {
    const bytes = readFileSync(file);
    bytes[HEADER] = bytes[HEADER]! ^ 1; // not what the checksum says
    writeFileSync(file, bytes);
  }
  expect((await images({ cache: disk() }))[0]).toEqual(before);
  expect(kept().map((file) => readFileSync(file))).toEqual(swapped);
  for (const file of kept()) writeFileSync(file, readFileSync(file).subarray(0, 40));
  expect((await images({ cache: disk() }))[0]).toEqual(before);
  await photograph('a.jpg', 20);
  const [after] = await images({ cache: disk() });
  expect(after).not.toEqual(before);
  expect(after).toEqual((await images({}))[0]);
  expect(kept()).toHaveLength(3);
});

test('takes no more than it may: the first images that fit', async () => {
  const side = 512; // 0.75 MiB each
  await images({ cache: disk(), size: side });
  expect(kept()).toHaveLength(1);
  expect(readFileSync(kept()[0]!)).toHaveLength(HEADER + 3 * side * side);
});

test('a folder that cannot be made is an error', async () => {
  process.env['DUALPRIOR_CACHE'] = join(root, 'a.jpg');
  await expect(dataset({ cache: disk() })).rejects.toThrow(`The folder ${join(root, 'a.jpg')} cannot be made`);
});
