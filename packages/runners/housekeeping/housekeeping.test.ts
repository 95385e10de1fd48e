import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { Journal, sealedJson, takeLock, UserError } from '@dualprior/core';
import { RegisteredRuns } from '../store/registered-runs.ts';
import { StageFolder } from '../store/stage-folder.ts';
import { listRuns } from './listed-run.ts';
import { runsText } from './listings.ts';
import { garbage, namedStages, removeStage } from './remove-stages.ts';
import { usedBy } from './run-folders.ts';
import { storedStages } from './stored-stage.ts';

const USED = '0123456789abcdef';
const FORGOTTEN = '01aaaaaaaaaaaaaa';
const FORMER = 'ffffffffffffffff';
const WEEKS_AGO = new Date('2026-11-01');

let folder: string;
let store: string;

function stage(hash: string, bytes: number): string {
  const path = join(store, hash);
  mkdirSync(path, { recursive: true });
  new StageFolder(path).update({ complete: true, iterations: 20, usedAs: [`smoke/${hash.slice(0, 2)}`] });
  writeFileSync(join(path, 'last.safetensors'), Buffer.alloc(bytes));
  return path;
}

function run(name: string): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'experiment.yaml'), JSON.stringify({ name: 'smoke', seed: 3 }));
  writeFileSync(join(path, 'hash'), 'x');
  return path;
}

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'housekeeping-')));
  store = join(folder, 'store');
  stage(USED, 1000);
  stage(FORGOTTEN, 5000);
  symlinkSync(FORGOTTEN, join(store, FORMER));
});

function makeOld(...hashes: string[]): void {
  for (const hash of hashes) {
    for (const file of ['', 'stage.json', 'last.safetensors'])
      utimesSync(join(store, hash, file), WEEKS_AGO, WEEKS_AGO);
  }
}

test('lists stages with their size, the largest first, and the runs that use them', () => {
  new RegisteredRuns(store).register({ path: run('a'), stages: [USED] });
  const [first, second] = storedStages(store);
  expect(first).toMatchObject({ hash: FORGOTTEN, aliases: [FORMER], state: 'trained', iterations: 20, runs: [] });
  expect(first!.bytes - second!.bytes).toBe(4000);
  expect(second).toMatchObject({ hash: USED, names: ['smoke/01'], runs: [join(folder, 'a')] });
});

test('a stage that is damaged or in training is listed as such', () => {
  writeFileSync(join(store, USED, 'stage.json'), '{');
  const path = join(store, FORGOTTEN);
  new StageFolder(path).update({ complete: false });
  const lock = takeLock(join(path, 'lock')) as { release: () => void };
  expect(storedStages(store).map(({ hash, state }) => [hash, state])).toEqual([
    [FORGOTTEN, 'training'],
    [USED, 'damaged'],
  ]);
  expect(garbage(storedStages(store), 0).removable.map(({ hash }) => hash)).toEqual([USED]);
  const [training] = storedStages(store);
  expect(() => removeStage(training!)).toThrow(/stays: process \d+ is training it/);
  lock.release();
  expect(storedStages(store)[0]!.state).toBe('begun');
});

test('what no run uses is garbage once it is old enough, and removed with the hashes that lead to it', () => {
  new RegisteredRuns(store).register({ path: run('a'), stages: [USED] });
  expect(garbage(storedStages(store), 7).removable).toEqual([]);
  expect(garbage(storedStages(store), 7).recent.map(({ hash }) => hash)).toEqual([FORGOTTEN]);
  makeOld(USED, FORGOTTEN);
  const { removable } = garbage(storedStages(store), 7);
  expect(removable.map(({ hash }) => hash)).toEqual([FORGOTTEN]);
  removable.forEach(removeStage);
  expect([USED, FORGOTTEN, FORMER].map((hash) => existsSync(join(store, hash)))).toEqual([true, false, false]);
});

test('a run that is gone uses nothing; one whose disk is missing still does', () => {
  const runs = new RegisteredRuns(store);
  runs.register({ path: run('a'), stages: [USED] });
  runs.register({ path: '/no-such-disk/runs/b', stages: [FORGOTTEN] });
  rmSync(join(folder, 'a'), { recursive: true });
  runs.prune();
  expect(runs.all()).toEqual([{ path: '/no-such-disk/runs/b', stages: [FORGOTTEN] }]);
  expect(garbage(storedStages(store), 0).removable.map(({ hash }) => hash)).toEqual([USED]);
});

test('a stage that a run has begun to use since it was listed stays', () => {
  const [forgotten] = storedStages(store);
  new RegisteredRuns(store).register({ path: run('late'), stages: [FORGOTTEN] });
  expect(() => removeStage(forgotten!)).toThrow(`${join(folder, 'late')} has begun to use it`);
  expect(existsSync(join(store, FORGOTTEN))).toBe(true);
});

test('the first characters of a hash name a stage if they name one only', () => {
  const stages = storedStages(store);
  expect(namedStages(stages, ['012', 'ff']).map(({ hash }) => hash)).toEqual([USED, FORGOTTEN]);
  expect(() => namedStages(stages, ['01'])).toThrow('"01" is the beginning of 2 stages');
  expect(() => namedStages(stages, ['7'])).toThrow('"7" is the beginning of no stage');
});

test('a registration that is damaged stops, and says what to do', () => {
  new RegisteredRuns(store).register({ path: run('a'), stages: [USED] });
  const runs = new RegisteredRuns(store);
  writeFileSync(join(store, 'runs', 'x.json'), '{"path": 1}');
  expect(() => runs.all()).toThrow(UserError);
  expect(() => storedStages(store)).toThrow(/x\.json is damaged.*start that run again/s);
});

test('a run of an older version uses what it links to', () => {
  const path = run('old');
  mkdirSync(join(path, 'stages'));
  symlinkSync(join(store, FORMER), join(path, 'stages', 'restore'));
  symlinkSync(join(store, 'gone'), join(path, 'stages', 'lost'));
  expect(usedBy(path)).toEqual({ path, stages: [FORGOTTEN] });
});

test('lists runs, also those of sweeps, with their state and the best values', async () => {
  const [finished, interrupted] = [run('sweep/one'), run('two')];
  const began = Date.now();
  const journal = Journal.open(join(finished, 'journal.jsonl'));
  journal.start('smoke');
  journal.end('FINISHED');
  journal.close();
  const ended = Date.now();
  const columns = [{ name: 'lpips', better: 'lower', digits: 4 }];
  const rows = [
    { method: 'input', values: [0.1] },
    { method: 'NAFNet', values: [0.3] },
    { method: 'Ours', values: [0.2] },
  ];
  writeFileSync(join(finished, 'results.json'), sealedJson({ columns, rows, note: '', facts: {} }));
  utimesSync(finished, WEEKS_AGO, WEEKS_AGO); // as when something else writes into its folder
  const lock = takeLock(join(interrupted, 'lock')) as { release: () => void };
  const listed = await listRuns([folder]);
  lock.release();
  const { written } = listed.find(({ path }) => path === finished)!;
  expect({ early: written < began, late: written > ended }).toEqual({ early: false, late: false });
  const states = Object.fromEntries(listed.map(({ path, state }) => [path, state]));
  expect(states).toEqual({ [finished]: 'finished', [interrupted]: 'running' });
  expect((await listRuns([interrupted]))[0]!.state).toBe('interrupted');
  expect(runsText(listed).join('\n')).toMatch(/smoke +3 +\d{4}-\d\d-\d\d \d\d:\d\d +finished +lpips 0\.2000 \(Ours\)/);
  writeFileSync(join(finished, 'experiment.yaml'), '[');
  expect((await listRuns([finished]))[0]).toMatchObject({ name: 'one', state: 'damaged' });
});
