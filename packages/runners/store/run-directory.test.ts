import { lstatSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { UserError, type Experiment } from '@dualprior/core';
import { RunDirectory } from './run-directory.ts';

let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'run-')));
});

function experiment(iterations: number): Experiment {
  const config = { name: 'x', stages: { restore: { iterations } } };
  return { hash: `hash${iterations}`, config, toYaml: () => JSON.stringify(config) } as unknown as Experiment;
}

test('keeps the resolved experiment and opens again for the same one', () => {
  const path = join(folder, 'run');
  RunDirectory.open(path, experiment(100));
  const again = RunDirectory.open(path, experiment(100));
  expect(JSON.parse(readFileSync(again.file('experiment.yaml'), 'utf8'))).toMatchObject({ name: 'x' });
});

test('refuses another configuration and says what differs', () => {
  RunDirectory.open(folder, experiment(100));
  const open = () => RunDirectory.open(folder, experiment(200));
  expect(open).toThrow(UserError);
  expect(open).toThrow('stages.restore.iterations: 100 there, 200 here');
});

test('a hash that is damaged is written again, and a damaged experiment is an error', () => {
  const run = RunDirectory.open(folder, experiment(100));
  writeFileSync(run.file('hash'), 'ha');
  RunDirectory.open(folder, experiment(100));
  expect(readFileSync(run.file('hash'), 'utf8')).toBe('hash100\n');
  writeFileSync(run.file('experiment.yaml'), '{"name": ');
  expect(() => RunDirectory.open(folder, experiment(200))).toThrow(UserError);
  expect(() => RunDirectory.open(folder, experiment(200))).toThrow(
    /experiment\.yaml is damaged: .*Give another --run-dir/s,
  );
});

test('says that a directory cannot be written', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(() => RunDirectory.open(join(file, 'run'), experiment(1))).toThrow(/cannot be written/);
  // A folder in which nobody can make a file, root neither.
  expect(() => RunDirectory.open('/proc', experiment(1))).toThrow(/run directory \/proc cannot be written/);
});

test('links stages to the store, and again to another folder', () => {
  const run = RunDirectory.open(join(folder, 'run'), experiment(1));
  for (const hash of ['a', 'b']) {
    mkdirSync(join(folder, 'store', hash), { recursive: true });
    run.linkStage('restore', join(folder, 'store', hash));
    expect(realpathSync(run.file('stages', 'restore'))).toBe(join(folder, 'store', hash));
  }
  expect(lstatSync(run.file('stages', 'restore')).isSymbolicLink()).toBe(true);
});

test('one process at a time works in it', () => {
  const run = RunDirectory.open(folder, experiment(1));
  const unlock = run.lock();
  expect(() => RunDirectory.open(folder, experiment(1)).lock()).toThrow(
    `is in use by process ${process.pid}. Wait until that has ended`,
  );
  unlock();
  expect(run.lock()).toEqual(expect.any(Function));
});
