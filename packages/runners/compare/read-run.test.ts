import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { sealedJson, UserError } from '@dualprior/core';
import { readRuns } from './read-run.ts';
import { joinSweep, writeSweepFile } from '../store/sweep-files.ts';
import { drawnRun } from './testing/drawn-runs.ts';

let folder: string;
let run: string;

beforeEach(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'runs-')));
  run = await drawnRun(folder, { name: 'wide', kept: 0 });
});

function problem(...paths: string[]): string {
  try {
    readRuns(paths);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  return '';
}

/** Writes another `results.json`. */
function change(edit: (results: Record<string, unknown>) => object): void {
  const file = join(run, 'results.json');
  const { crc32: _seal, ...results } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  writeFileSync(file, sealedJson(edit(results)));
}

test('a finished run is read', () => {
  const [read] = readRuns([run]);
  expect(read).toMatchObject({ name: 'wide', seed: 0 });
  expect([...read!.methods.keys()]).toEqual(['input', 'NAFNet', 'Ours']);
});

test.each([
  ['wide-sed-0', 'did you mean "wide-seed-0"?'],
  ['wide', 'did you mean "wide-seed-0"?'],
  ['quite-another-name', 'holds 1 run'],
  ['nowhere/run', 'there is no folder'],
])('a path that names nothing, %s', (name, hint) => {
  const message = problem(join(folder, name));
  expect(message).toContain(`There is no ${join(folder, name)}`);
  expect(message).toContain(hint);
});

test('a folder that holds runs, or something else', () => {
  expect(problem(folder)).toContain(
    'is not a run directory (it has no experiment.yaml). It holds 1 run. Name runs, e.g.',
  );
  mkdirSync(join(folder, 'else'));
  expect(problem(join(folder, 'else'))).toBe(
    `${join(folder, 'else')} is not a run directory (it has no experiment.yaml).`,
  );
  expect(problem(join(run, 'results.json'))).toContain('is not a run directory');
});

test('the directory of a sweep stands for its runs, the base first', async () => {
  const sweep = join(folder, 'wide-sweep-0123');
  mkdirSync(sweep);
  const member = { label: 'base', changes: {}, seed: 0 };
  writeSweepFile(sweep, { name: 'wide', members: { 'wide-seed': member, 'narrow-seed': member } });
  const narrow = await drawnRun(folder, { name: 'narrow', kept: 0 });
  await drawnRun(folder, { name: 'another', kept: 0 });
  joinSweep(run, sweep, 'wide-seed');
  joinSweep(narrow, sweep, 'narrow-seed');
  expect(readRuns([sweep]).map(({ path }) => path)).toEqual([run, narrow]);
});

test('a run that has not ended', () => {
  rmSync(join(run, 'results.json'));
  expect(problem(run)).toContain(`${run} has not finished`);
  expect(problem(run)).toContain('The same `yarn experiment` continues with it.');
});

test.each<[string, (results: Record<string, unknown>) => object, string]>([
  ['has no columns', ({ columns: _, ...others }) => others, 'it is of another version: columns is missing'],
  ['has columns by name', (all) => ({ ...all, columns: ['psnr'] }), 'of another version: columns.0 is "psnr"'],
  [
    'has a method that leads out of the folder',
    (all) => ({ ...all, rows: [{ method: '../../else', values: [1, 2] }] }),
    'of another version: rows.0.method',
  ],
  [
    'has fewer values than columns',
    (all) => ({ ...all, rows: [{ method: 'input', values: [1] }] }),
    'input has 1 values in 2 columns',
  ],
])('a run of another version, which %s', (_, edit, expected) => {
  change(edit);
  expect(problem(run)).toContain(expected);
});

test('a damaged file', () => {
  writeFileSync(join(run, 'results.json'), '{"columns": [');
  expect(problem(run)).toContain('holds no results that can be read');
  writeFileSync(join(run, 'experiment.yaml'), 'seed: 0');
  expect(problem(run)).toContain('is of another version, or damaged: it does not say name, seed and methods');
});

test('a run that only trains', () => {
  change((all) => ({ ...all, columns: [], rows: [] }));
  expect(problem(run)).toBe(`${run} only trains: there are no results to compare.`);
});

test('mistakes in several runs are reported at once', () => {
  rmSync(join(run, 'results.json'));
  const message = problem(join(folder, 'a'), run, join(folder, 'b'));
  expect(message.split('\n')).toHaveLength(3);
});
