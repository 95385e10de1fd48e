import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadSweep } from '@dualprior/core';
import { expect, test } from '@jest/globals';
import '../index.ts';
import { sweepStages } from './stage-names.ts';

const SMOKE = resolve(import.meta.dirname, '../../../experiments/smoke.yaml');

function names(sweep: string): string[] {
  const file = join(mkdtempSync(join(tmpdir(), 'names-')), 'experiment.yaml');
  writeFileSync(file, `extends: ${SMOKE}\n${sweep}`);
  return sweepStages(loadSweep(file)).map(({ name }) => name);
}

test('a stage that several runs have is there once, called by what they have in common', () => {
  expect(names('sweep: {grid: {networks.nafnet.width: [8, 4], stages.hinet.iterations: [10, 20]}}')).toEqual([
    'nafnet',
    'hinet',
    'hinet · iterations=20',
    'nafnet · width=4',
  ]);
});

test('a named variant and a seed name a stage, each where it is for that one only', () => {
  const sweep = 'sweep: {variants: {wide: {networks.nafnet.width: 12}}}\nseeds: {values: [0, 1], shared: [hinet]}';
  expect(names(sweep)).toEqual([
    'nafnet · seed 0',
    'hinet',
    'nafnet · seed 1',
    'nafnet · wide · seed 0',
    'nafnet · wide · seed 1',
  ]);
});

test('a name is one that a folder can have', () => {
  expect(names('sweep: {variants: {a/b: {networks.nafnet.width: 12}}}')).toEqual(['nafnet', 'hinet', 'nafnet · a_b']);
});
