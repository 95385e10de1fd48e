import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Container, loadExperiment, LOG } from '@dualprior/core';
import sharp from 'sharp';
import '../index.ts';
import { sharedImages } from './shared-images.ts';

const smoke = resolve(import.meta.dirname, '../../../experiments/smoke.yaml');
const log = { info: () => {}, warn: () => {} };
const images: Buffer[] = [];

let root: string;

beforeAll(async () => {
  for (let i = 0; i < 12; i++) {
    const background = { r: 20 * i, g: 99, b: 255 - 20 * i };
    images.push(
      await sharp({ create: { width: 16, height: 16, channels: 3, background } })
        .png()
        .toBuffer(),
    );
  }
});

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'shared-'));
  fill('train', 0, 8);
  fill('test', 8, 12);
});

function fill(folder: string, from: number, to: number): void {
  mkdirSync(join(root, folder), { recursive: true });
  for (let i = from; i < to; i++) writeFileSync(join(root, folder, `${i}.png`), images[i]!);
}

const data = (name: string, options: string) => [`data.${name}=null`, `data.${name}={${options}, degradation: blur}`];
const folder = (name: string, root: string, more = '') =>
  data(name, `type: image-folder, root: ${root}, seed: 5${more}`);

async function lines(...set: string[]): Promise<string[]> {
  const all = [...folder('train', join(root, 'train'), ', holdOut: 2'), ...folder('test', join(root, 'test')), ...set];
  const experiment = loadExperiment(smoke, { set: all });
  const container = new Container(experiment, { services: [[LOG, log]] });
  return sharedImages(experiment, container, join(root, 'shared.json'));
}

test('folders of different images share none', async () => {
  expect(await lines()).toEqual([]);
});

test.each<[string, () => string[], RegExp]>([
  ['the same folder in another entry', () => folder('test', join(root, 'train')), /^8 of the 8|^6 of the 8/],
  [
    'the same folder by another path',
    () => {
      symlinkSync(join(root, 'train'), join(root, 'linked'));
      return folder('test', join(root, 'linked'));
    },
    /^6 of the 8 test images \("test"\) are training images of nafnet, hinet \("train"\), e\.g\. \S+\/linked\/\d\.png is \S+\/train\/\d\.png\.$/,
  ],
  [
    'a copy with other names beside other images',
    () => {
      cpSync(join(root, 'train', '3.png'), join(root, 'test', 'renamed.png'));
      cpSync(join(root, 'train', '4.png'), join(root, 'test', 'again.png'));
      cpSync(join(root, 'train', '5.png'), join(root, 'test', 'more.png'));
      return [];
    },
    /^[1-3] of the 7 test images/,
  ],
  [
    'a repeated data set',
    () => [...folder('once', join(root, 'train')), 'data.test=null', 'data.test={type: repeated, of: once, times: 3}'],
    /^6 of the 8 test images/,
  ],
])('%s is found', async (_, set, message) => {
  const found = await lines(...set());
  expect(found).toContainEqual(expect.stringMatching(message));
});

test('images that are validated on and trained or tested on are found', async () => {
  fill('validation', 6, 10);
  const own = folder('validation', join(root, 'validation'));
  const found = await lines(...own, ...folder('train', join(root, 'train'), ', holdOut: 0'));
  expect(found.map((line) => line.replace(/, e\.g\..*/, ''))).toEqual([
    '2 of the 4 test images ("test") are validation images of nafnet, hinet ("validation")',
    '2 of the 4 validation images ("validation") are training images of nafnet, hinet ("train")',
  ]);
});

test('an image that a folder has twice, once held out, is found', async () => {
  for (let i = 0; i < 8; i++) cpSync(join(root, 'train', `${i}.png`), join(root, 'train', `copy-${i}.png`));
  const found = await lines(...folder('train', join(root, 'train'), ', holdOut: 8'));
  expect(found).toEqual([expect.stringMatching(/^\d of the 8 validation images \("validation"\) are training images/)]);
});

test('drawn images of one seed are drawn alike', async () => {
  const drawn = data('test', 'type: avatars, size: 16, limit: 4, seed: 9');
  const alike = await lines(...drawn, ...data('train', 'type: avatars, size: 16, limit: 32, holdOut: 4, seed: 9'));
  expect(alike).toContainEqual(
    expect.stringMatching(/^The test images \("test"\) are drawn as the training images of naf/),
  );
  expect(await lines(...drawn, ...data('train', 'type: avatars, size: 16, holdOut: 4, seed: 8'))).toEqual([]);
});

test('what was found is kept, and looked for again where a folder has changed', async () => {
  fill('test', 0, 3);
  const found = await lines();
  expect(found).toHaveLength(2);
  const kept = readFileSync(join(root, 'shared.json'), 'utf8');
  writeFileSync(join(root, 'shared.json'), kept.replaceAll('"of": 7', '"of": 70'));
  expect(await lines()).toEqual(found.map((line) => line.replace('of the 7', 'of the 70')));
  rmSync(join(root, 'test'), { recursive: true });
  fill('test', 8, 11);
  expect(await lines()).toEqual([]);
  writeFileSync(join(root, 'shared.json'), '{"damag');
  expect(await lines()).toEqual([]);
});
