import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, jest, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import '../index.ts';
import { curveOf, leftBy, trainStage } from './testing/stage-harness.ts';

jest.setTimeout(240_000);

beforeAll(() => void loadEngine());

/** The smoke experiment at 32x32, the smallest side of the contextual loss with four patches. */
const SIZE_32 = [
  'data.train.size=32',
  'data.test.size=32',
  'networks.generator.size=32',
  'networks.discriminator.size=32',
  'networks.encoder={size: 32, latents: 8}',
];
const FEATURES = 'features: {type: mobilenet-v2-substitute}';
const LPIPS = `{weight: 10, loss: {type: lpips, ${FEATURES}}}`;
const CONTEXTUAL = `{loss: {type: fusion-contextual, patch: 16, ${FEATURES}}}`;

test.each([
  ['invert', `[{loss: {type: l1}}, ${LPIPS}, {weight: 0.3, loss: {type: gan-nonsaturating}}]`, 'gan_nonsaturating'],
  ['fuse', `[{loss: {type: l1}}, ${LPIPS}, ${CONTEXTUAL}]`, 'fusion_contextual_substitute'],
])(
  'stage %s with its equation, compiled: the numbers of the eager one, bit for bit; no iteration leaves tensors behind',
  async (stage, terms, third) => {
    const left: unknown[] = [];
    for (const compile of [true, false]) {
      const folder = mkdtempSync(join(tmpdir(), 'equations-'));
      const counts: number[] = [];
      const set = [...SIZE_32, `stages.${stage}={loss: {terms: ${terms}}, batch: {size: 2}, iterations: 3}`];
      await trainStage('dual-prior-smoke.yaml', stage, folder, {
        compile,
        set,
        onIteration: () => counts.push(tf.memory().numTensors),
      });
      expect([counts.length, new Set(counts).size]).toEqual([3, 1]);
      for (const key of ['l1', 'lpips_substitute', third]) {
        expect({ key, values: await curveOf(folder, `loss_${key}`) }).toEqual({ key, values: [expect.any(Number)] });
      }
      left.push(await leftBy(folder));
    }
    expect(left[0]).toEqual(left[1]);
  },
);
