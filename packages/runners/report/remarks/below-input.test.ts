import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadExperiment } from '@dualprior/core';
import '../../index.ts';
import { INPUT } from '../../evaluation/results.ts';
import { belowInput } from './below-input.ts';

const EXPERIMENT = loadExperiment(resolve(import.meta.dirname, '../../../../experiments/table1-smoke.yaml'), {});
const columns = [
  { name: 'psnr', better: 'higher', digits: 2 },
  { name: 'kid', better: 'lower', digits: 5 },
] as const;

const rows = (values: Readonly<Record<string, readonly number[]>>) =>
  Object.entries({ [INPUT]: [25.75, 0.002], ...values }).map(([method, own]) => ({ method, values: own }));

test('generative rows that are worse than their input are named in one line, with columns and values', () => {
  const found = belowInput(EXPERIMENT, {
    columns,
    rows: rows({ NAFNet: [20, 0.5], 'GFP-GAN': [23.88, 0.001], GPEN: [21.971, 0.0031], Ours: [25.75, 0.002] }),
  });
  expect(found).toEqual([
    'Worse than the degraded input: GFP-GAN in psnr (23.88 against 25.75); ' +
      'GPEN in psnr (21.97 against 25.75) and kid (0.00310 against 0.00200).',
  ]);
});

test('no row is worse than an input that was not measured', () => {
  expect(belowInput(EXPERIMENT, { columns, rows: rows({ GPEN: [1, 1] }).slice(1) })).toEqual([]);
});
