import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { catalogue, Container, loadExperiment, LOG, Random, UserError } from '@dualprior/core';
import sharp from 'sharp';
import '../../components.generated.ts';
import type { Dataset } from '../dataset.ts';
import { ImageFolder } from '../image-folder.ts';
import { Repeated } from '../repeated.ts';
import { sampleBatch, type Batch, type Sampling } from '../sampler/sample-batch.ts';
import { WorkerSampler } from '../sampler/worker-sampler.ts';
import { refuseTooMany, UnreadableImage } from './unreadable.ts';

jest.setTimeout(60_000);

const SIDE = 24;
const COUNT = 120;
/** As many as are looked at in most tests; one of them may be unreadable. */
const FEW = 16;
const random = new Random(3);
const sampling: Sampling = {
  stream: 'batch',
  iteration: 0,
  size: FEW,
  crop: 16,
  augment: { flip: true, rotate: true },
};

/** Images of noise, PNG and JPEG, each once in an epoch of one batch. */
const files: [name: string, bytes: Buffer][] = [];

let root: string;
let warnings: string[];
const log = { info: () => {}, warn: (line: string) => void warnings.push(line) };

beforeAll(async () => {
  for (let i = 0; i < COUNT; i++) {
    const stream = new Random(i).stream('noise');
    const pixels = Uint8Array.from({ length: 3 * SIDE * SIDE }, () => stream.integer(256));
    const image = sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } });
    const progressive = i % 4 === 1;
    const bytes = await (i % 2 === 0 ? image.png() : image.jpeg({ quality: 90, progressive })).toBuffer();
    files.push([`${String(i).padStart(3, '0')}.${i % 2 === 0 ? 'png' : 'jpg'}`, bytes]);
  }
});

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'unreadable-'));
  chmodSync(root, 0o755);
  mkdirSync(join(root, 'images'));
  for (const [name, bytes] of files) writeFileSync(file(name), bytes);
  warnings = [];
});

afterEach(() => void process.seteuid!(process.getuid!()));

const file = (name: string) => join(root, 'images', name);
const nameOf = (index: number) => files[index]![0];

/** The first images, `FEW` if it is not said how many. */
async function folder(limit = FEW): Promise<ImageFolder> {
  const data = new ImageFolder({ root: join(root, 'images'), minimumSide: 16, holdOut: 0, seed: 0, limit }, log);
  await data.prepare();
  return data;
}

/** The part of a batch that one position is. */
function sample({ sharp: pixels, shown }: Batch, position: number) {
  const size = 3 * 16 * 16;
  return [shown[position], [...pixels.subarray(position * size, (position + 1) * size)]];
}

/** Which positions two batches differ in. */
function differing(one: Batch, other: Batch): number[] {
  const positions = one.shown.map((_, position) => position);
  return positions.filter((p) => JSON.stringify(sample(one, p)) !== JSON.stringify(sample(other, p)));
}

const cut = (name: string, share: number) => {
  const bytes = files.find(([known]) => known === name)![1];
  writeFileSync(file(name), bytes.subarray(0, Math.floor(share * bytes.length)));
};

/** What may happen to a file: of a PNG, 010, and of a JPEG, 013, a progressive one; and what is said of it. */
const DAMAGES: [string, (name: string) => void, RegExp][] = [
  ['cut in half', (name) => cut(name, 0.5), /it cannot be decoded \(damaged or cut off/],
  ['cut after its header', (name) => cut(name, 0.1), /it cannot be decoded \(damaged/],
  ['emptied', (name) => writeFileSync(file(name), ''), /it is empty$/],
  ['zeroed, as after a power cut', (name) => writeFileSync(file(name), Buffer.alloc(999)), /nothing but zero bytes$/],
  ['a web page', (name) => writeFileSync(file(name), '<!DOCTYPE html><title>404</title>'), /it is a web page$/],
  [
    'a pointer of Git LFS',
    (name) => writeFileSync(file(name), 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'),
    /it is a pointer of Git LFS; `git lfs pull` fetches the image$/,
  ],
  [
    'a HEIC photograph that was renamed',
    (name) => writeFileSync(file(name), Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1')),
    /it is a HEIC image, which cannot be read; convert it to PNG$/,
  ],
  [
    'a BMP image that was renamed',
    (name) => writeFileSync(file(name), Buffer.from('BM\x36\0\0\0')),
    /it is a BMP image/,
  ],
  ['text', (name) => writeFileSync(file(name), 'no image'), /not an image of a format that can be read/],
  [
    'a folder',
    (name) => {
      rmSync(file(name));
      mkdirSync(file(name));
    },
    /it is a folder$/,
  ],
  ['removed', (name) => rmSync(file(name)), /it is not there any more$/],
  [
    'a link to nothing',
    (name) => {
      rmSync(file(name));
      symlinkSync(join(root, 'nothing'), file(name));
    },
    /it is not there any more$/,
  ],
  [
    'closed to the user',
    (name) => {
      chmodSync(file(name), 0);
      if (process.getuid!() === 0) process.seteuid!(65534); // root may read everything
    },
    /permission is denied$/,
  ],
];

describe.each(DAMAGES)('an image that is %s', (_, damage, reason) => {
  test.each([10, 13])('while a training runs has another one in its place, the same each time (%i)', async (index) => {
    const name = nameOf(index);
    const [whole, data, again] = [await folder(), await folder(), await folder()];
    const clean = await sampleBatch(whole, random, sampling);
    damage(name);
    const batch = await sampleBatch(data, random, sampling);
    expect(batch.unreadable).toEqual([
      { index, name, file: file(name), reason: expect.stringMatching(reason), isKnown: false },
    ]);
    const position = clean.shown.findIndex((shown) => shown.name === name);
    expect(differing(batch, clean)).toEqual([position]);
    expect(batch.shown[position]!.name).not.toBe(name);
    expect(batch.shown[position]!.flipped).toBe(clean.shown[position]!.flipped);
    expect(await sampleBatch(again, random, sampling)).toEqual(batch);
  });

  test('before it begins keeps its number, and is named once', async () => {
    if (_ === 'removed' || _ === 'a folder') return; // then it is no file of the data set
    const whole = await folder();
    const [clean, late] = [await sampleBatch(whole, random, sampling), await folder()];
    damage(nameOf(10));
    const data = await folder();
    expect(data.length).toBe(FEW);
    expect(data.size(10)).toBeUndefined();
    expect(data.name(10)).toBe(nameOf(10));
    expect(warnings).toEqual([expect.stringMatching(new RegExp(`010\\.png is skipped: .*${reason.source}`))]);
    const batch = await sampleBatch(data, random, sampling);
    expect(differing(batch, clean)).toHaveLength(1);
    expect(batch.unreadable).toMatchObject([{ index: 10, isKnown: true }]);
    expect(differing(batch, await sampleBatch(late, random, sampling))).toEqual([]);
  });

  test('is one that the fingerprint of its folder can do with', () => {
    const { content } = catalogue.find('dataset', 'image-folder')!.declaration;
    damage(nameOf(10));
    expect(content!({ type: 'image-folder', root: join(root, 'images') })).toMatch(/^[0-9a-f]{64}$/);
  });
});

test('a file that has garbage behind its image, or another ending than its format, is an image', async () => {
  writeFileSync(file(nameOf(13)), Buffer.concat([files[13]![1], Buffer.from('garbage'.repeat(99))]));
  writeFileSync(file(nameOf(10)), files[13]![1]); // a JPEG that is called a PNG
  const data = await folder();
  expect(warnings).toEqual([]);
  expect(await data.read(10)).toEqual(await data.read(13));
});

test('an image that counts as unreadable is left out although it can be read', async () => {
  const [data, other] = [await folder(), await folder()];
  rmSync(file(nameOf(10)));
  const expected = await sampleBatch(other, random, sampling);
  writeFileSync(file(nameOf(10)), files[10]![1]);
  const batch = await sampleBatch(data, random, { ...sampling, unreadable: expected.unreadable });
  expect(differing(batch, expected)).toEqual([]);
  expect(batch.unreadable).toEqual([]);
});

test('the stand-in is no other that cannot be read, and each image is as likely to be one', async () => {
  const data = new Repeated({ of: await folder(4), times: 1 });
  await data.prepare();
  const unreadable = [{ index: 2, name: nameOf(2), file: file(nameOf(2)), reason: 'gone', isKnown: false }];
  const counts = new Map<string, number>();
  for (let iteration = 0; iteration < 600; iteration++) {
    const { shown } = await sampleBatch(data, random, { ...sampling, iteration, size: 4, unreadable });
    for (const { name } of shown) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  expect([...counts.keys()].sort()).toEqual([0, 1, 3].map(nameOf));
  // 600 times itself and, on average, 200 times for the other: 4 deviations of a binomial distribution
  for (const count of counts.values()) expect(Math.abs(count - 800)).toBeLessThan(4 * Math.sqrt((600 * 2) / 9));
});

describe('too many', () => {
  const some = (count: number, images = 1) =>
    Array.from({ length: count * images }, (_, i) => ({ file: `${i % count}.png`, reason: 'cut', isKnown: false }));

  test('are more than 1 % and more than one file', () => {
    for (const [count, images] of [
      [1, 1],
      [1, 50],
      [2, 200],
      [700, 70_000],
    ] as const) {
      expect(() => refuseTooMany(some(count), images)).not.toThrow();
    }
    expect(() => refuseTooMany(some(1, 3), 9)).not.toThrow(); // one file, three times degraded
    for (const [count, images] of [
      [2, 199],
      [2, 3],
      [701, 70_000],
    ] as const) {
      expect(() => refuseTooMany(some(count), images)).toThrow(UserError);
    }
    expect(() => refuseTooMany(some(7), 100)).toThrow(
      /^7 of 100 images cannot be read, and at most 1 % may be:\n {2}0\.png: cut\n(.*\n){4} {2}and 2 more\n {2}Restore these/,
    );
  });

  test('are an error before the training', async () => {
    for (const index of [10, 13]) rmSync(file(nameOf(index)));
    for (const index of [10, 13]) symlinkSync(join(root, 'nothing'), file(nameOf(index)));
    await expect(folder(COUNT)).rejects.toThrow(/^2 of 120 images cannot be read/);
    await expect(folder(10)).resolves.toBeDefined();
  });

  test('are an error in the training, however they are met, and never an endless search', async () => {
    const [data, few] = [await folder(COUNT), await folder(2)];
    renameSync(join(root, 'images'), join(root, 'unmounted'));
    const found = sampleBatch(data, random, sampling);
    await expect(found).rejects.toThrow(/^2 of 120 images cannot be read, .*\n.*it is not there any more/);
    await expect(found).rejects.not.toBeInstanceOf(UnreadableImage);
    await expect(sampleBatch(few, random, { ...sampling, size: 1 })).rejects.toThrow(UserError);
  });

  test('are no image at all', async () => {
    const data = await folder(1);
    rmSync(file(nameOf(0)));
    await expect(sampleBatch(data, random, { ...sampling, size: 1 })).rejects.toThrow(
      /^No image can be read: .*000\.png/,
    );
  });
});

describe('worker threads', () => {
  let sampler: WorkerSampler | undefined;
  afterEach(async () => {
    await sampler?.close();
  });

  test('put the same images in place of those that cannot be read', async () => {
    const yaml = join(root, 'data.yaml');
    writeFileSync(
      yaml,
      [
        'degradations: {blur: {type: motion-blur, kernels: {type: camera-shake, count: 5, size: 15}}}',
        'data: {folder: {type: image-folder, root: images, limit: 24, seed: 4, degradation: blur}}',
        'evaluation: {data: folder}',
        'metrics: {psnr: {type: psnr}}',
      ].join('\n'),
    );
    const experiment = loadExperiment(yaml, { cwd: root, env: {} });
    const [container, direct] = [1, 2].map(() => new Container(experiment, { services: [[LOG, log]] }));
    const data = container!.get<Dataset>('data', 'folder');
    const same = direct!.get<Dataset>('data', 'folder');
    await Promise.all([data.prepare(), same.prepare()]);
    const { data: sets, degradations } = experiment.config;
    sampler = new WorkerSampler({ sections: { data: sets, degradations }, components: [], workers: 2 }, () => 'folder');
    cut(nameOf(10), 0.5);
    const some = { ...sampling, size: 12 };
    for (const iteration of [0, 1]) {
      const batch = await sampler.batch(data, random, { ...some, iteration });
      expect(batch).toEqual(await sampleBatch(same, random, { ...some, iteration }));
    }
    const lost = sampler.pair(data, 10);
    await expect(lost).rejects.toBeInstanceOf(UnreadableImage);
    await expect(lost).rejects.toMatchObject({ file: file(nameOf(10)), isKnown: false });
    writeFileSync(file(nameOf(10)), files[10]![1]);
    const unreadable = [{ index: 11, name: nameOf(11), file: file(nameOf(11)), reason: 'cut', isKnown: false }];
    const batch = await sampler.batch(data, random, { ...some, unreadable });
    expect(batch).toEqual(await sampleBatch(same, random, { ...some, unreadable }));
    expect(batch.shown.map(({ name }) => name)).not.toContain(nameOf(11));
  });
});
