import { linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { catalogue, Random } from '@dualprior/core';
import sharp from 'sharp';
import { DegradedFolder } from './degraded-folder.ts';
import { HeldOut } from './held-out.ts';
import { pairAt } from './sampler/pair-at.ts';
import { PairedFolder } from './paired-folder.ts';
import { Repeated } from './repeated.ts';
import { sampleBatch, type Sampling } from './sampler/sample-batch.ts';

let root: string;
let lines: string[];
const log = { info: () => {}, warn: (line: string) => void lines.push(line) };

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pairs-'));
  lines = [];
});

const WIDTH = 24;
const HEIGHT = 20;

interface Saved {
  readonly width?: number;
  readonly height?: number;
  readonly channels?: 3 | 4;
  /** The value of the blue channel; red and green encode the position of a pixel. */
  readonly blue?: number;
}

/** An image whose pixels tell their place. */
async function save(name: string, { width = WIDTH, height = HEIGHT, channels = 3, blue = 0 }: Saved = {}) {
  const pixels = Array.from({ length: width * height }, (_, i) =>
    [i % width, Math.floor(i / width), blue, 255].slice(0, channels),
  );
  const file = join(root, name);
  mkdirSync(dirname(file), { recursive: true });
  await sharp(Uint8Array.from(pixels.flat()), { raw: { width, height, channels } }).toFile(file);
}

/** Pairs whose degraded image is the sharp one with another blue. */
async function savePairs(...names: (readonly [sharp: string, degraded: string])[]) {
  for (const [i, [ours, theirs]] of names.entries()) {
    await save(ours, { blue: i });
    await save(theirs, { blue: 100 + i });
  }
}

type Options = ConstructorParameters<typeof PairedFolder>[0];

function paired(options: Partial<Options> = {}): PairedFolder {
  const folders = { sharp: join(root, 'sharp'), degraded: join(root, 'blur') };
  return new PairedFolder({ ...folders, incomplete: false, minimumSide: 16, holdOut: 0, seed: 1, ...options }, log);
}

/** Names of the pairs, with the blues of both images. */
async function contents(data: PairedFolder): Promise<[string, number, number][]> {
  await data.prepare();
  return Promise.all(
    Array.from({ length: data.length }, async (_, i): Promise<[string, number, number]> => {
      const pair = await pairAt(data, i);
      return [data.name(i), pair.sharp!.data[2]!, pair.degraded.data[2]!];
    }),
  );
}

describe('paired-folder', () => {
  test('matches equal paths in two folders, whatever their endings', async () => {
    await savePairs(['sharp/b/1.png', 'blur/b/1.png'], ['sharp/a.png', 'blur/a.webp']);
    const data = paired();
    const found = await contents(data);
    expect(found.map(([name, ours]) => [name, ours])).toEqual([
      ['a.png', 1],
      ['b/1.png', 0],
    ]);
    expect(found[1]![2]).toBe(100);
    expect([data.degraded, data.hasSharp]).toEqual(['read', true]);
    expect(data.file(0)).toBe(join(root, 'sharp/a.png'));
    expect(data.size(0)).toEqual({ width: WIDTH, height: HEIGHT });
  });

  test("matches a pattern in one folder: GoPro's and RealBlur's own layouts", async () => {
    await savePairs(
      ['GOPR1/sharp/01.png', 'GOPR1/blur/01.png'],
      ['GOPR2/sharp/01.png', 'GOPR2/blur/01.png'],
      ['scene001/gt/gt_7.png', 'scene001/blur/blur_7.png'],
    );
    await save('GOPR1/blur_gamma/01.png');
    const one = { sharp: root, degraded: root };
    const gopro = paired({ ...one, pattern: { sharp: 'GOPR*/sharp/*', degraded: 'GOPR*/blur/*.png' } });
    expect(await contents(gopro)).toEqual([
      ['GOPR1/sharp/01.png', 0, 100],
      ['GOPR2/sharp/01.png', 1, 101],
    ]);
    const realBlur = paired({ ...one, pattern: { sharp: '*/gt/gt_*', degraded: '*/blur/blur_*' } });
    expect(await contents(realBlur)).toEqual([['scene001/gt/gt_7.png', 2, 102]]);
  });

  test('takes the pairs of a list, sharp before degraded, in its order', async () => {
    await savePairs(['x/gt_1.png', 'y/blur_1.png'], ['x/g t_2.png', 'y/blur_2.png'], ['x/3.png', 'y/3.png']);
    const list = join(root, 'list.txt');
    writeFileSync(list, '# test\nx/g t_2.png\ty/blur_2.png\nx/gt_1.png y/blur_1.png\nx/gt_1.png  y/blur_1.png\n');
    expect(await contents(paired({ sharp: root, degraded: root, list }))).toEqual([
      ['x/g t_2.png', 1, 101],
      ['x/gt_1.png', 0, 100],
    ]);
    expect(lines.splice(0)).toEqual([`${list} names 1 pair again; each is used once`]);
    writeFileSync(list, '3.png\n');
    const both = { sharp: join(root, 'x'), degraded: join(root, 'y') };
    expect(await contents(paired({ ...both, list }))).toEqual([['3.png', 2, 102]]);
    expect(lines).toEqual([]);
  });

  test('crops, flips and turns both images of a pair alike', async () => {
    await savePairs(['sharp/a.png', 'blur/a.png'], ['sharp/b.png', 'blur/b.png']);
    const data = paired();
    await data.prepare();
    const sampling: Sampling = {
      stream: 'batch',
      iteration: 0,
      size: 2,
      crop: 16,
      augment: { flip: true, rotate: true },
    };
    const corners = new Set<string>();
    for (let iteration = 0; iteration < 8; iteration++) {
      const { sharp: ours, degraded } = await sampleBatch(data, new Random(3), { ...sampling, iteration });
      const level = (value: number) => Math.round(255 * value);
      for (let i = 0; i < ours.length; i += 3) {
        expect([level(degraded[i]!), level(degraded[i + 1]!)]).toEqual([level(ours[i]!), level(ours[i + 1]!)]);
        expect(level(degraded[i + 2]!) - level(ours[i + 2]!)).toBe(100);
      }
      corners.add(`${level(ours[0]!)} ${level(ours[1]!)}`);
    }
    expect(corners.size).toBeGreaterThan(4);
  });

  test('holds pairs out, and repeats them', async () => {
    await savePairs(['sharp/a.png', 'blur/a.png'], ['sharp/b.png', 'blur/b.png'], ['sharp/c.png', 'blur/c.png']);
    const data = paired({ holdOut: 1 });
    const held = new HeldOut({ of: data });
    const twice = new Repeated({ of: held, times: 2 });
    await Promise.all([data, held, twice].map((each) => each.prepare()));
    expect([data.length, held.length, twice.length]).toEqual([2, 1, 2]);
    const pair = await pairAt(twice, 1);
    expect(pair.degraded.data[2]! - pair.sharp!.data[2]!).toBe(100);
    expect(twice.name(1)).toBe(`${held.name(0)}~2`);
  });
});

describe('paired-folder refuses', () => {
  test('images without the other one: the first five of each side, and how many there are', async () => {
    await savePairs(['sharp/z.png', 'blur/z.png']);
    for (let i = 0; i < 7; i++) await save(`sharp/${i}.png`);
    await save('blur/extra.png');
    await expect(paired().prepare()).rejects.toThrow(
      `1 pairs, but these images have no other one:\n` +
        `  7 sharp in ${join(root, 'sharp')}: 0.png, 1.png, 2.png, 3.png, 4.png and 2 more\n` +
        `  1 degraded in ${join(root, 'blur')}: extra.png\n` +
        '  Names must be equal but for their endings; else say with `pattern` or `list` which belong together, or go without them by `incomplete: true`.',
    );
    const data = paired({ incomplete: true });
    await data.prepare();
    expect(data.length).toBe(1);
    expect(lines.join()).toContain('7 sharp in');
  });

  test('a pattern that fits nothing, or whose stars differ', async () => {
    await savePairs(['sharp/a.png', 'blur/a.png']);
    await expect(paired({ pattern: { sharp: '*_gt', degraded: '*_blur' } }).prepare()).rejects.toThrow(
      `1 in ${join(root, 'sharp')} do not match "*_gt"`,
    );
    await expect(paired({ pattern: { sharp: '*/*', degraded: '*' } }).prepare()).rejects.toThrow(
      'must have the same stars',
    );
    expect(() => paired({ list: 'pairs.txt', pattern: { sharp: '*', degraded: '*' } })).toThrow('leave one out');
  });

  test('two images that are one', async () => {
    await savePairs(['sharp/a.png', 'blur/a.png']);
    await save('sharp/a.webp');
    await expect(paired().prepare()).rejects.toThrow(
      'a.png and a.webp are both sharp images of one pair, as endings do not count. Keep one of them.',
    );
  });

  test('a list with missing files and one with three names', async () => {
    await savePairs(['sharp/a.png', 'blur/a.png']);
    const list = join(root, 'list.txt');
    writeFileSync(list, 'a.png\nb.png a.png\na.png c.png\n');
    await expect(paired({ list }).prepare()).rejects.toThrow(
      `1 sharp of ${join(root, 'sharp')}\n  ${list}:2: b.png\n1 degraded of ${join(root, 'blur')}\n  ${list}:3: c.png`,
    );
    writeFileSync(list, 'a.png a.png 1\n');
    await expect(paired({ list }).prepare()).rejects.toThrow(`${list}:1: "a.png a.png 1" is no pair.`);
  });

  test('different sizes, a pair that is one file twice, and transparency in one image', async () => {
    await savePairs(['sharp/a.png', 'blur/a.png']);
    await save('blur/a.png', { width: 32 });
    await expect(paired().prepare()).rejects.toThrow('Pairs of different sizes: 1 pair, a.png (24x20 and 32x20).');
    await save('blur/a.png', { channels: 4 });
    await expect(paired().prepare()).rejects.toThrow(
      'Pairs with transparency in one image only: 1 pair, a.png (in the degraded one).',
    );
    linkSync(join(root, 'sharp/a.png'), join(root, 'linked.png'));
    const list = join(root, 'list.txt');
    writeFileSync(list, 'sharp/a.png linked.png\n');
    await expect(paired({ sharp: root, degraded: root, list }).prepare()).rejects.toThrow(
      'Pairs that are one file twice: 1 pair, sharp/a.png (linked.png).',
    );
  });

  test('nothing that can be used, and leaves a pair out of which one image is damaged', async () => {
    await savePairs(['sharp/a.png', 'blur/a.png'], ['sharp/b.png', 'blur/b.png']);
    writeFileSync(join(root, 'blur/a.png'), 'no image');
    const data = paired();
    await data.prepare();
    expect(lines).toEqual([
      `${join(root, 'blur/a.png')} is skipped: it cannot be decoded (not an image of a format that can be read)`,
    ]);
    expect(data.size(0)).toBeUndefined();
    await expect(pairAt(data, 0)).rejects.toThrow(join(root, 'blur/a.png'));
    writeFileSync(join(root, 'sharp/b.png'), '');
    await expect(paired().prepare()).rejects.toThrow('None of the 2 pairs');
  });
});

test('what the fingerprint has found of a large folder is taken over once', async () => {
  await savePairs(['sharp/0.png', 'blur/0.png']);
  const count = 1001;
  for (let i = 1; i < count; i++) {
    for (const side of ['sharp', 'blur']) linkSync(join(root, side, '0.png'), join(root, side, `${i}.png`));
  }
  const options = paired().options as Options;
  catalogue.find('dataset', 'paired-folder')!.declaration.content!({ type: 'paired-folder', ...options });
  rmSync(join(root, 'sharp/7.png'));
  const data = paired();
  await data.prepare();
  expect(data.length).toBe(count);
  expect(data.size(7)).toEqual({ width: WIDTH, height: HEIGHT });
  await expect(paired().prepare()).rejects.toThrow(`${count - 1} pairs, but these images have no other one`);
});

test('degraded-folder has degraded images and no sharp ones', async () => {
  await save('old/1.jpg', { blue: 9 });
  const data = new DegradedFolder({ root: join(root, 'old'), minimumSide: 16 }, log);
  await data.prepare();
  expect([data.hasSharp, data.degraded, data.name(0)]).toEqual([false, 'read', '1.jpg']);
  const pair = await pairAt(data, 0);
  expect(pair.sharp).toBeUndefined();
  expect(pair.degraded).toMatchObject({ width: WIDTH, height: HEIGHT });
});
