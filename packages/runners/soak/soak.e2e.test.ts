import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '@dualprior/core';
import { afterAll, expect, jest, test } from '@jest/globals';
import '../index.ts';
import { configs } from './configs.ts';
import { killsOf } from './kills.ts';
import { mlflow } from './mlflow.ts';
import { describeResult, type Soak } from './soak.ts';
import { weights } from './weights.ts';

/** A small share of `yarn soak`: the same inputs every time. */

jest.setTimeout(600_000);

const root = mkdtempSync(join(tmpdir(), 'soak-'));
const failed: unknown[] = [];
afterAll(() => {
  if (failed.length === 0) rmSync(root, { recursive: true });
});

async function soak({ name, run }: Soak, count: number): Promise<string> {
  const folder = mkdtempSync(join(root, `${name}-`));
  const log = { info: () => {}, warn: () => {} };
  const { signal } = new AbortController();
  const result = await run({ count, parts: [], random: new Random(0), folder, progress: () => {}, log, signal });
  failed.push(...result.failures);
  expect(result.failures).toEqual([]);
  return describeResult(name, result);
}

/** All types of stages in one run, without the second regression network and the metrics that take longest. */
const ALL_STAGES = killsOf(
  ['table1-smoke'],
  ['stages.hinet=null', 'methods.HINet=null', 'metrics.fid=null', 'metrics.kid=null', 'report=null'],
  1,
);

test('kills: one in each type of stage', async () => {
  const line = await soak(ALL_STAGES, 6);
  for (const type of ['regression', 'gan', 'gan-inversion', 'fusion', 'gfpgan', 'gpen']) {
    expect(line).toMatch(new RegExp(`\\b[1-9]\\d* in ${type},`));
  }
});

test('configs', async () => {
  expect(await soak(configs, 300)).toMatch(/^configs: 300 tried, .*\d+ valid/);
});

test('weights', async () => {
  expect(await soak(weights, 300)).toMatch(/^weights: 300 tried, .*\d+ loaded/);
});

test('mlflow', async () => {
  expect(await soak(mlflow, 1500)).toBe('mlflow: 1500 tried, 1500 stored, 0 failures');
});
