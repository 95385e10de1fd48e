import { linkSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { UserError } from '@dualprior/core';
import sharp from 'sharp';
import type { Dataset } from './dataset.ts';
import { Ffhq } from './ffhq.ts';

let root: string;
let warnings: string[];
const log = { info: () => {}, warn: (line: string) => void warnings.push(line) };

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ffhq-'));
  warnings = [];
});

/** Makes images; all of them the same one, as there may be many. */
async function save(...paths: string[]): Promise<void> {
  const first = join(mkdtempSync(join(tmpdir(), 'image-')), 'image.png');
  await sharp({ create: { width: 32, height: 32, channels: 3, background: 'grey' } }).toFile(first);
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    linkSync(first, join(root, path));
  }
}

function ffhq(options: Partial<ConstructorParameters<typeof Ffhq>[0]> = {}): Ffhq {
  const defaults = { root, split: 'all', incomplete: false, minimumSide: 16, holdOut: 0, seed: 1 } as const;
  return new Ffhq({ ...defaults, ...options }, log);
}

function names(data: Dataset): string[] {
  return Array.from({ length: data.length }, (_, i) => data.name(i));
}

const few = [0, 999, 1000, 59999, 60000, 69999].map((number) => String(number).padStart(5, '0'));

test.each([
  ['folders of a thousand', (name: string) => `${name.slice(0, 2)}000/${name}.png`],
  ['one folder', (name: string) => `${name}.jpg`],
  ['the names of StyleGAN2-ADA', (name: string) => `${name.slice(0, 2)}000/img000${name}.png`],
])('%s: the same names in order of their numbers, the official split', async (_, path) => {
  await save(...few.map(path).reverse());
  const [all, training, validation] = (['all', 'training', 'validation'] as const).map((split) =>
    ffhq({ split, incomplete: true, size: 16 }),
  ) as [Ffhq, Ffhq, Ffhq];
  for (const data of [all, training, validation]) await data.prepare();
  expect(names(all)).toEqual(few);
  expect(names(training)).toEqual(few.slice(0, 4));
  expect(names(validation)).toEqual(few.slice(4));
  expect(await validation.read(1)).toMatchObject({ width: 16, height: 16 });
  expect(warnings).toEqual([]);
});

test('images that are missing are an error that counts them, unless they may be', async () => {
  const others = ['LICENSE-preview.png', 'mask00003.png', '00003-mask.png'];
  await save('00000/00000.png', '00000/00002.png', ...others);
  await expect(ffhq().prepare()).rejects.toThrow(
    /^69998 of 70000 images of FFHQ are missing in .*, e\.g\. 00001\.png\./,
  );
  await expect(ffhq().prepare()).rejects.toBeInstanceOf(UserError);
  await expect(ffhq({ split: 'training' }).prepare()).rejects.toThrow(/^59998 of 60000 .* `incomplete: true`/);
  await ffhq({ incomplete: true }).prepare();
  expect(warnings).toEqual([expect.stringMatching(/names have no number are not used: 00003-mask\.png, of 3\./)]);
});

test('a whole split needs no permission; images are held out of it', async () => {
  await save(...Array.from({ length: 10_000 }, (_, i) => `${60 + Math.floor(i / 1000)}000/${60_000 + i}.png`));
  const data = ffhq({ split: 'validation', limit: 12, holdOut: 2 });
  await data.prepare();
  expect([data.length, data.heldOut!.length]).toEqual([10, 2]);
}, 30_000);

test.each([
  ['nothing of it', ['face.png'], /no image of FFHQ that is wanted here, such as 00000\.png; it has face\.png/],
  [
    'thumbnails beside images',
    ['images/00007.png', 'thumbnails/00007.png'],
    /an image twice, images\/00007\.png and thumb/,
  ],
  ['a number too high', ['70000.png'], /has 70000\.png, but the numbers of FFHQ are 0 to 69999/],
])('%s is an error', async (_, paths, message) => {
  await save(...paths);
  const prepared = ffhq({ incomplete: true }).prepare();
  await expect(prepared).rejects.toThrow(message);
  await expect(prepared).rejects.toBeInstanceOf(UserError);
});
