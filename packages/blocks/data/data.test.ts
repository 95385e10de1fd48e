import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { Random, UserError } from '@dualprior/core';
import sharp from 'sharp';
import type { Degradation } from '../degradations/degradation.ts';
import { Avatars } from './avatars.ts';
import type { Dataset } from './dataset.ts';
import { HeldOut } from './held-out.ts';
import { ImageFolder } from './image-folder.ts';
import type { Image } from '../images/image.ts';
import { pairAt } from './sampler/pair-at.ts';
import { Repeated, subjectOf } from './repeated.ts';
import { sampleBatch, type Sampling } from './sampler/sample-batch.ts';
import { flip } from '../images/transform.ts';

/** Inverts the image and remembers which draw it was given. */
const degradation: Degradation = {
  bind: () => (image: Image, stream) => {
    const draw = stream.integer(256);
    return { ...image, data: Uint8Array.from(image.data, (value, i) => (i === 0 ? draw : 255 - value)) };
  },
};
const shared = { seed: 1, holdOut: 0, degradation };

let root: string;
let warnings: string[];
const log = { info: () => {}, warn: (line: string) => void warnings.push(line) };

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'images-'));
  warnings = [];
});

async function save(name: string, width = 20, height = 20, colour = { r: 10, g: 20, b: 30 }): Promise<void> {
  const file = join(root, name);
  mkdirSync(join(file, '..'), { recursive: true });
  await sharp({ create: { width, height, channels: 3, background: colour } }).toFile(file);
}

function folder(options: Partial<ConstructorParameters<typeof ImageFolder>[0]> = {}): ImageFolder {
  return new ImageFolder({ root, minimumSide: 16, ...shared, ...options }, log);
}

function names(data: Dataset): string[] {
  return Array.from({ length: data.length }, (_, i) => data.name(i));
}

describe('image-folder', () => {
  test('finds png, jpg and webp in nested folders, in one order everywhere', async () => {
    for (const name of ['b.png', 'a.JPG', 'sub/deep/c.webp', 'B.jpeg']) await save(name);
    const data = folder();
    await data.prepare();
    expect(names(data)).toEqual(['B.jpeg', 'a.JPG', 'b.png', 'sub/deep/c.webp']);
    expect(warnings).toEqual([]);
    expect(await data.read(2)).toMatchObject({ width: 20, height: 20 });
    expect([...(await data.read(2)).data.slice(0, 3)]).toEqual([10, 20, 30]);
  });

  test('follows links to folders, once round; leaves hidden files alone', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'elsewhere-'));
    await save('a.png');
    await save('.hidden/b.png');
    writeFileSync(join(root, '._a.png'), 'what macOS leaves beside a file');
    await sharp(join(root, 'a.png')).toFile(join(elsewhere, 'c.png'));
    symlinkSync(elsewhere, join(root, 'linked'));
    symlinkSync(root, join(elsewhere, 'round'));
    const data = folder();
    await data.prepare();
    expect(names(data)).toEqual(['a.png', 'linked/c.png']);
    expect(warnings).toEqual([]);
  });

  test('skips tiny files with a warning that names them; uses grey ones', async () => {
    await save('good.png', 64, 64);
    await save('tiny.png', 15, 40);
    await sharp({ create: { width: 20, height: 20, channels: 3, background: { r: 100, g: 100, b: 100 } } })
      .toColourspace('b-w')
      .toFile(join(root, 'grey.png'));
    const data = folder();
    await data.prepare();
    expect(names(data)).toEqual(['good.png', 'grey.png']);
    expect([...(await data.read(1)).data.slice(0, 6)]).toEqual([100, 100, 100, 100, 100, 100]);
    expect(warnings).toHaveLength(2);
    expect(warnings.join('\n')).toMatch(/tiny\.png is skipped: it is 15x40/);
    expect(warnings.join('\n')).toMatch(/grey\.png is grey/);
  });

  test('resizes the middle square', async () => {
    await save('wide.png', 64, 32);
    const data = folder({ size: 16 });
    await data.prepare();
    expect(await data.read(0)).toMatchObject({ width: 16, height: 16 });
  });

  test('turns photographs as their EXIF orientation says, puts transparency on white', async () => {
    await sharp({ create: { width: 30, height: 20, channels: 3, background: 'red' } })
      .withMetadata({ orientation: 6 })
      .toFile(join(root, 'a.jpg'));
    await sharp({ create: { width: 20, height: 20, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } }).toFile(
      join(root, 'b.png'),
    );
    const data = folder();
    await data.prepare();
    expect(await data.read(0)).toMatchObject({ width: 20, height: 30 });
    expect([...(await data.read(1)).data.slice(0, 3)]).toEqual([255, 255, 255]);
  });

  test('takes the images that a list names, up to a limit', async () => {
    for (const name of ['a.png', 'b.png', 'c.png']) await save(name);
    const list = join(root, 'list.txt');
    writeFileSync(list, '# test images\nc.png\n\na.png\r\nb.png\n');
    const data = folder({ list, limit: 2 });
    await data.prepare();
    expect(names(data)).toEqual(['c.png', 'a.png']);
    writeFileSync(list, 'c.png\nd.png\n');
    await expect(folder({ list }).prepare()).rejects.toThrow(`${list}:2: d.png`);
    writeFileSync(list, '# none\n');
    await expect(folder({ list }).prepare()).rejects.toThrow(`The list ${list} names no image.`);
    await expect(folder({ list: root }).prepare()).rejects.toThrow(UserError);
  });

  test('looks at no image beyond the limit', async () => {
    for (let i = 10; i < 26; i++) await save(`${i}.png`);
    await save('tiny.png', 8, 8);
    const data = folder({ limit: 16 });
    await data.prepare();
    expect([data.length, warnings]).toEqual([16, []]);
  });

  test('takes an image that a list names twice once, and says so', async () => {
    for (const name of ['a.png', 'b.png']) await save(name);
    const list = join(root, 'list.txt');
    writeFileSync(list, 'b.png\na.png\n./b.png\n');
    const data = folder({ list });
    await data.prepare();
    expect(names(data)).toEqual(['b.png', 'a.png']);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(`${list}:3: ./b.png`);
  });

  test('reads 16 bits, CMYK and wide colours as 8-bit sRGB', async () => {
    const grey = new Uint16Array(16 * 16).fill(0x8080);
    await sharp(grey, { raw: { width: 16, height: 16, channels: 1 } })
      .toColourspace('grey16')
      .toFile(join(root, 'a.png'));
    const colour = { create: { width: 16, height: 16, channels: 3, background: { r: 200, g: 50, b: 50 } } } as const;
    await sharp(colour).toColourspace('cmyk').jpeg({ quality: 100 }).toFile(join(root, 'b.jpg'));
    await sharp(colour).withIccProfile('p3').toFile(join(root, 'c.png'));
    expect(await sharp(join(root, 'a.png')).metadata()).toMatchObject({ depth: 'ushort' });
    expect(await sharp(join(root, 'b.jpg')).metadata()).toMatchObject({ space: 'cmyk' });
    const stored = await sharp(join(root, 'c.png'), { ignoreIcc: true }).raw().toBuffer();
    expect(stored[0]).toBeLessThan(195); // a P3 red needs less to be the same red
    const data = folder();
    await data.prepare();
    const pixel = async (i: number) => [...(await data.read(i)).data.slice(0, 3)];
    expect(await pixel(0)).toEqual([128, 128, 128]);
    for (const i of [1, 2]) {
      const [r, g, b] = await pixel(i);
      expect(Math.max(Math.abs(r! - 200), Math.abs(g! - 50), Math.abs(b! - 50))).toBeLessThan(i === 1 ? 25 : 3);
    }
  });

  test.each([
    ['a missing folder', { root: '/nowhere/at/all' }, /does not exist/],
    ['an empty folder', {}, /has no images \(\.avif, .*\.webp\)\.$/],
    ['a missing list', { list: '/nowhere/list.txt' }, /list .* does not exist/],
  ])('%s is a clear error', async (_, options, message) => {
    const prepared = folder(options).prepare();
    await expect(prepared).rejects.toThrow(message);
    await expect(prepared).rejects.toBeInstanceOf(UserError);
  });

  test('nothing usable, or nothing left after holding out, is a clear error', async () => {
    await save('tiny.png', 8, 8);
    await expect(folder().prepare()).rejects.toThrow(/None of the 1 images/);
    await save('good.png');
    await expect(folder({ holdOut: 1 }).prepare()).rejects.toThrow(/1 usable image, of which 1 should be held out/);
    await save('better.png');
    await expect(folder({ holdOut: 1, limit: 1 }).prepare()).rejects.toThrow(/has 1 usable image within `limit`, of/);
  });
});

describe('holding out', () => {
  test('parts a data set in two, the same way each time', async () => {
    for (let i = 0; i < 10; i++) await save(`${i}.png`);
    const [data, again] = [folder({ holdOut: 3 }), folder({ holdOut: 3 })];
    await Promise.all([data.prepare(), again.prepare()]);
    const heldOut = new HeldOut({ of: data });
    await heldOut.prepare();
    expect([data.length, heldOut.length]).toEqual([7, 3]);
    expect(new Set([...names(data), ...names(heldOut)]).size).toBe(10);
    expect(names(again)).toEqual(names(data));
  });

  test('of a data set that holds nothing out is an error with a hint', () => {
    expect(() => new HeldOut({ of: folder() })).toThrow(/holdOut: 32/);
  });
});

describe('repeated', () => {
  test('has each image several times, each time degraded again', async () => {
    for (let i = 0; i < 2; i++) await save(`${i}.png`);
    const data = folder();
    const repeated = new Repeated({ of: data, times: 3 });
    await repeated.prepare();
    expect(names(repeated)).toEqual(['0.png', '1.png', '0.png~2', '1.png~2', '0.png~3', '1.png~3']);
    expect(names(repeated).map(subjectOf)).toEqual(['0.png', '1.png', '0.png', '1.png', '0.png', '1.png']);
    const pairs = await Promise.all(names(repeated).map((_, i) => pairAt(repeated, i)));
    expect(pairs[2]!.sharp).toEqual(pairs[0]!.sharp);
    expect(pairs[0]!.degraded).toEqual((await pairAt(data, 0)).degraded);
    const ofFirst = [0, 2, 4].map((i) => Buffer.from(pairs[i]!.degraded.data).toString('base64'));
    expect(new Set(ofFirst).size).toBe(3);
  });

  test('of what has no end is an error', async () => {
    const repeated = new Repeated({ of: new Avatars({ size: 16, holdOut: 0, seed: 0 }), times: 2 });
    await expect(repeated.prepare()).rejects.toThrow(/has no end; give that one a `limit`/);
  });
});

describe('avatars', () => {
  test('are endless, seeded and different', async () => {
    const [a, b, other] = [1, 1, 2].map((seed) => new Avatars({ size: 32, ...shared, seed }));
    await Promise.all([a!.prepare(), b!.prepare(), other!.prepare()]);
    expect(a!.length).toBe(Infinity);
    expect(await a!.read(7)).toEqual(await b!.read(7));
    expect(await a!.read(7)).not.toEqual(await a!.read(8));
    expect(await a!.read(7)).not.toEqual(await other!.read(7));
    expect((await a!.read(123456)).data).toHaveLength(32 * 32 * 3);
  });
});

describe('samples', () => {
  const random = new Random(0);
  const sampling: Sampling = {
    stream: 'batch',
    iteration: 0,
    size: 4,
    crop: 16,
    augment: { flip: true, rotate: true },
  };

  async function avatars(): Promise<Avatars> {
    const data = new Avatars({ size: 32, ...shared, limit: 10 });
    await data.prepare();
    return data;
  }

  test('are a function of seed, stream, iteration and position', async () => {
    const [data, again] = [await avatars(), await avatars()];
    const batch = await sampleBatch(data, random, { ...sampling, iteration: 5 });
    await sampleBatch(again, random, { ...sampling, iteration: 99 });
    expect(await sampleBatch(again, random, { ...sampling, iteration: 5 })).toEqual(batch);
    expect(batch.shape).toEqual([4, 16, 16, 3]);
    expect(await sampleBatch(data, random, { ...sampling, iteration: 6 })).not.toEqual(batch);
    expect(Math.max(...batch.sharp)).toBeLessThanOrEqual(1);
    expect(Math.min(...batch.sharp)).toBeGreaterThanOrEqual(0);
  });

  test('show each image once an epoch', async () => {
    const data = await avatars();
    const seen: number[] = [];
    const spy: Dataset = Object.create(data, {
      read: { value: (index: number) => (seen.push(index), data.read(index)) },
      length: { value: 10 },
      degrade: { value: data.degrade.bind(data) },
      name: { value: String },
    });
    for (let iteration = 0; iteration < 5; iteration++) await sampleBatch(spy, random, { ...sampling, iteration });
    expect(new Set(seen.slice(0, 10)).size).toBe(10);
    expect(new Set(seen.slice(10, 20)).size).toBe(10);
    expect(seen.slice(0, 10)).not.toEqual(seen.slice(10, 20));
  });

  test('tell which image they show, and whether it is mirrored', async () => {
    const data = await avatars();
    const whole = { ...sampling, size: 10, crop: undefined, augment: { flip: true, rotate: false } };
    const { sharp: pixels, shown } = await sampleBatch(data, random, whole);
    expect(new Set(shown.map(({ flipped }) => flipped)).size).toBe(2);
    const indexOf = new Map(Array.from({ length: 10 }, (_, i) => [data.name(i), i]));
    for (const [i, { name, flipped }] of shown.entries()) {
      const own = await data.read(indexOf.get(name)!);
      const { data: bytes } = flipped ? flip(own) : own;
      const sample = pixels.subarray(i * bytes.length, (i + 1) * bytes.length);
      expect([...sample].map((value) => Math.round(255 * value))).toEqual([...bytes]);
    }
  });

  test('are degraded and sharp at the same place', async () => {
    const plain = { flip: false, rotate: false };
    const { degraded, sharp: clean } = await sampleBatch(await avatars(), random, { ...sampling, augment: plain });
    const differing = clean.filter((value, i) => Math.abs(value + degraded[i]! - 1) > 1e-6);
    expect(differing.length).toBeLessThanOrEqual(4);
  });

  test('a crop larger than an image, or images of different sizes, are clear errors', async () => {
    const data = await avatars();
    await expect(sampleBatch(data, random, { ...sampling, crop: 64 })).rejects.toThrow(
      /batch\.crop is 64, but avatar-\d+ is 32x32/,
    );
    await save('a.png', 20, 20);
    await save('b.png', 24, 20);
    const mixed = folder();
    await mixed.prepare();
    await expect(sampleBatch(mixed, random, { ...sampling, crop: undefined })).rejects.toThrow(
      /one size, but [ab]\.png is/,
    );
  });

  test('of an evaluation always have the same degradation', async () => {
    const [data, again] = [await avatars(), await avatars()];
    await pairAt(again, 0);
    expect(await pairAt(again, 3)).toEqual(await pairAt(data, 3));
  });
});
