import { linkSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { UserError } from '@dualprior/core';
import sharp from 'sharp';
import { CelebaHq } from './celeba-hq.ts';
import type { Dataset } from './dataset.ts';
import { pairAt } from './sampler/pair-at.ts';

let root: string;
const log = { info: () => {}, warn: () => {} };

beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'celeba-hq-'))));

async function save(...names: string[]): Promise<void> {
  const first = join(mkdtempSync(join(tmpdir(), 'image-')), 'image.png');
  await sharp({ create: { width: 32, height: 32, channels: 3, background: 'grey' } }).toFile(first);
  for (const name of names) linkSync(first, join(root, name));
}

function celebaHq(options: Partial<ConstructorParameters<typeof CelebaHq>[0]> = {}): CelebaHq {
  const defaults = { root, split: 'all', incomplete: true, minimumSide: 16, holdOut: 0, seed: 1 } as const;
  return new CelebaHq({ ...defaults, ...options }, log);
}

async function names(data: Dataset): Promise<string[]> {
  await data.prepare();
  return Array.from({ length: data.length }, (_, i) => data.name(i));
}

const few = ['00002', '00010', '02999', '03000', '26999', '27000', '29999'];

test.each([
  ['CelebAMask-HQ', (name: string) => `${Number(name)}.jpg`],
  ['PNG', (name: string) => `${name}.png`],
  ['the original list', (name: string) => `imgHQ${name}.png`],
])(
  'names as in %s: ordered by number, called the same; the last or the first 3,000 are the test set',
  async (_, name) => {
    await save(...few.map(name));
    expect(await names(celebaHq())).toEqual(few);
    expect(await names(celebaHq({ split: 'test' }))).toEqual(few.slice(5));
    expect(await names(celebaHq({ split: 'training' }))).toEqual(few.slice(0, 5));
    expect(await names(celebaHq({ split: 'test', test: 'first' }))).toEqual(few.slice(0, 3));
    expect(await names(celebaHq({ split: 'training', test: 'first' }))).toEqual(few.slice(3));
  },
);

test('a list names the test images, whatever their files are called', async () => {
  await save('1.jpg', '2.jpg', '3.jpg', '4.jpg');
  const list = join(root, 'test.txt');
  writeFileSync(list, '# from a paper\nCelebA-HQ-img/4.jpg\nimgHQ00002.png\n4\n');
  expect(await names(celebaHq({ split: 'test', list, incomplete: false }))).toEqual(['00002', '00004']);
  expect(await names(celebaHq({ split: 'training', list }))).toEqual(['00001', '00003']);
  writeFileSync(list, '4.jpg\n31000.jpg\n');
  await expect(celebaHq({ split: 'test', list }).prepare()).rejects.toThrow(
    `${list}:2: "31000.jpg" names no image of CelebA-HQ; they are 0.jpg`,
  );
});

test('all 3,000 test images must be there', async () => {
  await save(...Array.from({ length: 2999 }, (_, i) => `${27_000 + i}.jpg`));
  const data = celebaHq({ split: 'test', incomplete: false, limit: 3 });
  await expect(data.prepare()).rejects.toThrow(/^1 of 3000 images of CelebA-HQ are missing in .*, e\.g\. 29999\.jpg/);
  await save('29999.jpg');
  expect(await names(celebaHq({ split: 'test', incomplete: false, limit: 3 }))).toEqual(['27000', '27001', '27002']);
});

test('a degradation that is drawn is the same for both releases', async () => {
  const drawn: number[] = [];
  const degradation = {
    bind: () => (image: never, stream: { integer: (below: number) => number }) => {
      drawn.push(stream.integer(2 ** 20));
      return image;
    },
  } as never;
  await save('7.jpg');
  const mask = celebaHq({ degradation });
  await mask.prepare();
  await pairAt(mask, 0);
  root = mkdtempSync(join(tmpdir(), 'celeba-hq-'));
  await save('imgHQ00007.png');
  const original = celebaHq({ degradation });
  await original.prepare();
  await pairAt(original, 0);
  expect(drawn[0]).toBe(drawn[1]);
});

test.each([
  [
    'numbers of CelebA',
    () => save('000004.jpg', '202599.jpg').then(() => celebaHq().prepare()),
    /has 202599\.jpg, but .* 0 to 29999/,
  ],
  ['two ways to say the test set', async () => celebaHq({ split: 'test', test: 'first', list: 'a' }), /leave one out/],
  ['a test set that is not asked for', async () => celebaHq({ test: 'first' }), /`split: test` or `split: training`/],
])('%s is an error', async (_, make, message) => {
  const made = make();
  await expect(made).rejects.toThrow(message);
  await expect(made).rejects.toBeInstanceOf(UserError);
});
