import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, jest, test } from '@jest/globals';
import { directSampler, type Sampler } from '@dualprior/blocks';
import { loadEngine } from '@dualprior/core';
import '../index.ts';
import { readResult } from '../store/result-file.ts';
import { curveOf, leftBy, trainStage, type Setting } from './testing/stage-harness.ts';

jest.setTimeout(60_000);

beforeAll(() => void loadEngine());

const folder = () => mkdtempSync(join(tmpdir(), 'accumulate-'));

/** With so large an epsilon, steps are proportional to the gradient, so that a wrong factor shows. */
const OPTIMIZER =
  '{type: adam, learningRate: 1, epsilon: 10, clipNorm: 0.5, schedule: {type: multistep, milestones: [100], gamma: 0.1}}';

/** Trains a stage of dual-prior-smoke for four steps on batches that are described so; returns how many images each drew. */
async function trained(stage: string, into: string, batch: string, setting: Setting = {}): Promise<number[]> {
  const sizes: number[] = [];
  const sampler: Sampler = {
    ...directSampler,
    batch: async (data, random, sampling) => {
      sizes[sampling.iteration] = sampling.size;
      return directSampler.batch(data, random, sampling);
    },
  };
  const options = [`batch=${batch}`, `optimizer=${OPTIMIZER}`, 'iterations=4', 'validateEvery=4', 'logEvery=1'];
  const set = options.map((option) => `stages.${stage}.${option}`);
  await trainStage('dual-prior-smoke.yaml', stage, into, { set, sampler, compile: false, ...setting });
  return sizes;
}

const ROLES = { restore: 'network', fuse: 'fusion' };

function weightsIn(into: string, stage: keyof typeof ROLES): number[] {
  const state = readResult(join(into, 'last.safetensors'), ROLES[stage]);
  return [...state.values()].flatMap(({ values }) => [...values]);
}

const largest = (values: readonly number[]) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

test.each(['restore', 'fuse'] as const)('accumulated batches are one large batch: %s', async (stage) => {
  const [large, small, one] = [folder(), folder(), folder()];
  expect(await trained(stage, large, '{size: 6}')).toEqual([6, 6, 6, 6]);
  expect(await trained(stage, small, '{size: 2, accumulate: 3}')).toEqual([6, 6, 6, 6]);
  await trained(stage, one, '{size: 2}');
  const [expected, found, other] = [large, small, one].map((each) => weightsIn(each, stage));
  const apart = (weights: readonly number[]) => largest(weights.map((value, i) => value - expected![i]!));
  expect(apart(found!)).toBeLessThan(2e-6);
  expect(apart(other!)).toBeGreaterThan(1e-4); // the images of a step matter
  const [losses, parts] = await Promise.all([large, small].map((each) => curveOf(each, 'loss')));
  expect(losses).toHaveLength(4);
  expect(largest(losses!.map((loss, i) => loss / parts![i]! - 1))).toBeLessThan(1e-5);
});

test('compiled, and interrupted and resumed, it computes the same', async () => {
  const [eager, compiled, stopped] = [folder(), folder(), folder()];
  const batch = '{size: 2, accumulate: 2}';
  await trained('restore', eager, batch);
  await trained('restore', compiled, batch, { compile: true });
  await expect(trained('restore', stopped, batch, { compile: true, interruptAfter: 2 })).rejects.toThrow();
  await trained('restore', stopped, batch, { compile: true });
  expect(weightsIn(compiled, 'restore')).toEqual(weightsIn(eager, 'restore'));
  expect(await leftBy(stopped)).toEqual(await leftBy(compiled));
});

test('where a number is not finite in one of the batches, the step changes nothing and the batch is diagnosed', async () => {
  const sampler: Sampler = {
    ...directSampler,
    batch: async (data, random, sampling) => {
      const batch = await directSampler.batch(data, random, sampling);
      if (sampling.iteration === 1) batch.degraded[0] = NaN;
      return batch;
    },
  };
  const into = folder();
  const training = trained('restore', into, '{size: 2, accumulate: 2}', { sampler });
  await expect(training).rejects.toThrow(/stopped at iteration 2: .* returns numbers that are not finite/);
});
