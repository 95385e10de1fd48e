import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
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
