import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, jest, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import * as tf from '@tensorflow/tfjs-core';
import '../index.ts';
import { curveOf, leftBy, trainStage, type Left } from './testing/stage-harness.ts';

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
const LPIPS = `{type: lpips, weight: 10, ${FEATURES}}`;
const CONTEXTUAL = `{type: fusion-contextual, patch: 16, ${FEATURES}}`;

/** Products of the contextual loss are rounded as the processor's kernels do, and those differ between one operation and a function. */
function expectNear(compiled: Left, eager: Left): void {
  expect(compiled.curves.map(([key, step]) => [key, step])).toEqual(eager.curves.map(([key, step]) => [key, step]));
  compiled.curves.forEach(([, , value], i) => expect(value / eager.curves[i]![2]).toBeCloseTo(1, 4));
}

const expectEqual = (compiled: Left, eager: Left): void => expect(compiled).toEqual(eager);

test.each([
  ['invert', expectEqual, `[{type: l1}, ${LPIPS}, {type: gan-nonsaturating, weight: 0.3}]`, 'gan_nonsaturating'],
  ['fuse', expectNear, `[{type: l1}, ${LPIPS}, ${CONTEXTUAL}]`, 'fusion_contextual_substitute'],
])(
  'stage %s with its equation, compiled: the numbers of the eager one; no iteration leaves tensors behind',
  async (stage, expectSame, terms, third) => {
    const left: Left[] = [];
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
    expectSame(left[0]!, left[1]!);
  },
);
