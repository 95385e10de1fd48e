import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { loadExperiment, UserError } from '@dualprior/core';
import '../index.ts';
import type { ExperimentCode } from '../code/experiment-code.ts';
import { Store } from '../store/store.ts';
import { plan } from './plan.ts';
import { retrain } from './retrain.ts';
import { StoredStages } from '../store/stored-stages.ts';

const experiment = loadExperiment(resolve(import.meta.dirname, '../../../experiments/dual-prior-smoke.yaml'));

let stages: StoredStages;
let reported: string[];
const log = { info: (line: string) => void reported.push(line), warn: () => {} };
const code = (version: string) => ({ by: 'a tool', parts: { 'network nafnet': version } });
const again = (version: string, ...names: string[]) =>
  retrain(names, stages, { ofStage: () => code(version) } as unknown as ExperimentCode, log);
const actions = () => Object.fromEntries(plan(stages).map(({ name, action }) => [name, action]));

beforeEach(() => {
  stages = new StoredStages(experiment, new Store(mkdtempSync(join(tmpdir(), 'store-'))));
  reported = [];
});

function trainAll(version?: string): void {
  for (const { name, action } of plan(stages)) {
    if (action === 'train')
      stages.open(name).update({ complete: true, ...(version !== undefined && { code: code(version) }) });
  }
}

test('a stage is trained again by other code, with everything that depends on it; what was trained stays', () => {
  trainAll('1');
  const before = stages.find('prior').path;
  again('2', 'prior');
  expect(actions()).toEqual({ restore: 'reuse', prior: 'train', invert: 'train', fuse: 'train' });
  expect(stages.find('prior').path).not.toBe(before);
  trainAll('2');
  expect(actions()).toEqual({ restore: 'reuse', prior: 'reuse', invert: 'reuse', fuse: 'reuse' });
  expect(stages.store.find(experiment.identity('stages', 'prior')).record.complete).toBe(true);
  expect(stages.retrainings('methods', 'Ours')).toHaveLength(2);
  again('3', 'prior');
  expect(actions()).toEqual({ restore: 'reuse', prior: 'train', invert: 'train', fuse: 'train' });
});

test('the same command continues with what it has begun, and does nothing once that is done', () => {
  trainAll('1');
  again('2', 'invert');
  const begun = stages.open('invert');
  begun.update({ code: code('2') });
  again('2', 'invert');
  expect(stages.find('invert').path).toBe(begun.path);
  trainAll('2');
  again('2', 'invert');
  expect(actions()).toMatchObject({ invert: 'reuse', fuse: 'reuse' });
  expect(reported).toEqual(['  stage invert was trained by this code, so it is not trained again']);
});

test('what an older version has trained can be trained again, what is not trained need not be', () => {
  trainAll();
  again('2', 'restore');
  expect(actions()).toMatchObject({ restore: 'train', prior: 'reuse' });
  const path = stages.find('restore').path;
  again('2', 'restore');
  expect(stages.find('restore').path).toBe(path);
});

test('a name that is no stage is an error that names them', () => {
  expect(() => again('2', 'priro')).toThrow(UserError);
  expect(() => again('2', 'priro')).toThrow(
    'there is no such stage; there are restore, prior, invert, fuse (did you mean "prior"?)',
  );
});
