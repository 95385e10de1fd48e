import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import sharp from 'sharp';
import '../index.ts';
import { makeStage } from './testing/stage-harness.ts';

let degraded: string;

beforeAll(async () => {
  loadEngine();
  const root = mkdtempSync(join(tmpdir(), 'degraded-'));
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
  const image = sharp({ create: { width: 16, height: 16, channels: 3, background: 'grey', noise } });
  await image.toFile(join(root, 'a.png'));
  degraded = `{type: degraded-folder, root: ${root}, size: 16, minimumSide: 16}`;
});

/** What a stage says of its data before it is trained. */
async function prepared(file: string, name: string, ...set: readonly string[]): Promise<void> {
  const { stage, networks } = makeStage(file, name, { set });
  try {
    await stage.prepare();
  } finally {
    for (const { parameters } of networks.values()) parameters.dispose();
  }
}

const replaced = (name: string, spec: string) => [`data.${name}=null`, `data.${name}=${spec}`];
const PAIRS = '{type: avatars, size: 16, limit: 4, seed: 3, degradation: blur}';

test.each([
  ['dual-prior-smoke.yaml', 'restore'],
  ['dual-prior-smoke.yaml', 'prior'],
  ['dual-prior-smoke.yaml', 'invert'],
  ['dual-prior-smoke.yaml', 'fuse'],
  ['gfpgan-smoke.yaml', 'gfpgan'],
  ['gpen-smoke.yaml', 'gpen'],
])('%s: the stage %s is not trained on images without sharp ones', async (file, name) => {
  const set = [...replaced('train', degraded), ...replaced('validation', PAIRS)];
  await expect(prepared(file, name, ...set)).rejects.toThrow(
    'The data set of the training images has degraded images only; sharp ones are needed here.',
  );
});

const DUAL = 'dual-prior-smoke.yaml';
const PLAIN = 'data.train.degradation=null';

test.each(['restore', 'invert', 'fuse'])('the stage %s is trained and validated on pairs', async (name) => {
  await expect(prepared(DUAL, name, PLAIN)).rejects.toThrow(
    'The data set of the training images has no `degradation`, so there is nothing to restore; give it one.',
  );
  await expect(prepared(DUAL, name, ...replaced('validation', degraded))).rejects.toThrow(
    'The data set of the validation images has degraded images only; sharp ones are needed here.',
  );
});

test('a generator alone is trained on sharp images, degraded or not', async () => {
  await expect(prepared(DUAL, 'prior', PLAIN)).resolves.toBeUndefined();
});

describe('sizes', () => {
  const image = (size: number) => [`data.train.size=${size}`];
  const held = (size: number) =>
    replaced('validation', `{type: avatars, size: ${size}, limit: 2, seed: 3, degradation: blur}`);
  const FEATURES = 'features: {type: mobilenet-v2-substitute}';
  const deep = (stage: string) => `stages.${stage}.loss={type: lpips, ${FEATURES}}`;
  const crop = (batch: string) => `stages.restore.batch=${batch}`;
  const hinet = 'networks.regressor={type: hinet, width: 4, depth: 3}';
  const patches = (stage: string, type: string) => `stages.${stage}.loss={type: ${type}, patch: 32, ${FEATURES}}`;
  const crops = '{size: 2, crop: 8, progressive: [{from: 4, size: 2, crop: 16}]}';

  test.each([
    ['restore', [hinet, ...image(18), ...held(16)], 'multiples of 4, but avatar-0 of the training images is 18x18'],
    ['restore', [hinet, ...held(18)], 'multiples of 4, but avatar-0 of the validation images is 18x18'],
    ['restore', [hinet, crop('{size: 2, crop: 10}')], 'multiples of 4, but batch.crop is 10'],
    [
      'restore',
      [...image(12), deep('restore'), ...held(16)],
      'The loss compares images with sides of at least 16, but avatar-0 of the training images is',
    ],
    ['restore', [deep('restore'), crop('{size: 2, crop: 12}')], 'sides of at least 16, but batch.crop is 12'],
    ['restore', [crop('{size: 2, crop: 20}')], 'batch.crop is 20, but avatar-0 is 16x16'],
    ['fuse', held(32), 'makes images of 16x16, but avatar-0 of the validation images is 32x32'],
    [
      'fuse',
      [patches('fuse', 'fusion-contextual')],
      'The loss compares images with sides of at least 32, but avatar-0 of the training images is',
    ],
    [
      'invert',
      [patches('invert', 'contextual')],
      'The loss compares images with sides of at least 32, but avatar-0 of the training images is',
    ],
  ])('%s with %j is an error', async (name, set, message) => {
    await expect(prepared(DUAL, name, ...set)).rejects.toThrow(message);
  });

  test('are those of crops where there are some: the largest fits into the images, the smallest the loss', async () => {
    await expect(prepared(DUAL, 'restore', hinet, ...image(18), ...held(16), crop(crops))).resolves.toBeUndefined();
    await expect(prepared(DUAL, 'restore', ...image(14), ...held(16), crop(crops))).rejects.toThrow(
      'batch.crop is 16, but avatar-0',
    );
    await expect(prepared(DUAL, 'restore', deep('restore'), crop(crops))).rejects.toThrow(
      'sides of at least 16, but batch.crop is 8',
    );
    await expect(
      prepared(DUAL, 'restore', hinet, ...image(18), ...held(16), crop('{size: 2, crop: 16}')),
    ).resolves.toBeUndefined();
  });

  test('of images differ only where one goes through the network at a time, or with crops', async () => {
    const root = mkdtempSync(join(tmpdir(), 'sizes-'));
    for (const side of [16, 24]) {
      const image = sharp({ create: { width: side, height: side, channels: 3, background: 'grey' } });
      await image.toFile(join(root, `${side}.png`));
    }
    const set = [...replaced('train', `{type: image-folder, root: ${root}, degradation: blur}`), ...held(16)];
    await expect(prepared(DUAL, 'restore', ...set)).rejects.toThrow('Images of one batch must have one size');
    for (const batch of ['{size: 1}', '{size: 2, crop: 16}']) {
      await expect(prepared(DUAL, 'restore', ...set, crop(batch))).resolves.toBeUndefined();
    }
  });
});

test('the identity loss has images that it can take', async () => {
  const wide = 'stages.gpen.identity={type: contextual, patch: 32, features: {type: mobilenet-v2-substitute}}';
  await expect(prepared('gpen-smoke.yaml', 'gpen')).resolves.toBeUndefined();
  await expect(prepared('gpen-smoke.yaml', 'gpen', wide)).rejects.toThrow(
    'The identity loss compares images with sides of at least 32, but avatar-0 of the training images is 16x16',
  );
});
