import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { loadExperiment, UserError, writeSafetensors, makeFolder } from '@dualprior/core';
import '../index.ts';
import { stateFile } from '../store/training-state.ts';
import { Store } from '../store/store.ts';
import { StoredStages } from '../store/stored-stages.ts';
import { fixThreads, threadsOf } from './threads.ts';

const SMOKE = resolve(import.meta.dirname, '../../../experiments/smoke.yaml');

let stages: StoredStages;
let reported: string[];
const console = { info: () => {}, warn: (line: string) => void reported.push(line) };

function experiment(...set: string[]): StoredStages {
  return new StoredStages(loadExperiment(SMOKE, { set }), stages.store);
}

/** As a stage is after its first checkpoint. */
function begin(name: string, threads?: number): void {
  const folder = stages.open(name);
  if (threads !== undefined) folder.update({ threads });
  makeFolder(join(folder.path, 'state'));
  const progress = JSON.stringify({ iteration: 1, journal: 0, curves: {}, seconds: 1 });
  writeSafetensors(stateFile(folder.path), [], { progress, order: '2' });
}

beforeEach(() => {
  stages = new StoredStages(loadExperiment(SMOKE), new Store(mkdtempSync(join(tmpdir(), 'store-'))));
  reported = [];
});

test('the stage that a run continues with decides, then the experiment, then the machine', () => {
  expect(threadsOf(stages, console)).toBeUndefined();
  expect(threadsOf(experiment('runtime.threads=3'), console)).toBe(3);
  begin('hinet', 5);
  expect(threadsOf(stages, console)).toBe(5);
  expect(reported).toEqual([]);
  expect(threadsOf(experiment('runtime.threads=3'), console)).toBe(5);
  expect(reported).toEqual(['runtime.threads is 3, but stage hinet was started on 5 threads and continues with them.']);
  stages.open('hinet').update({ complete: true });
  expect(threadsOf(experiment('runtime.threads=3'), console)).toBe(3);
});

test('a stage of an older version continues with any number', () => {
  begin('hinet');
  expect(threadsOf(stages, console)).toBeUndefined();
  fixThreads('hinet', stages.find('hinet'), { device: 'cpu', threads: 7 });
  expect(stages.find('hinet').record.threads).toBeUndefined();
});

test('a new stage notes the number; one that was started on another is refused', () => {
  const folder = stages.open('nafnet');
  fixThreads('nafnet', folder, { device: 'gpu', threads: 4 });
  expect(folder.record.threads).toBeUndefined();
  fixThreads('nafnet', folder, { device: 'cpu', threads: 4 });
  expect(folder.record.threads).toBe(4);
  begin('hinet', 2);
  const other = () => fixThreads('hinet', stages.find('hinet'), { device: 'cpu', threads: 4 });
  expect(other).toThrow(UserError);
  expect(other).toThrow(
    'Stage hinet was started on 2 threads, but this process computes on 4. The same command continues with it.',
  );
});
