import { expect, test } from '@jest/globals';
import type { ComparisonSettings } from '../page/settings.ts';
import { tableNames } from './table-names.ts';

const condition = (metric: string, ...beside: string[]) => ({ metric, beside, relation: 'better' as const, by: 0 });

const SETTINGS = {
  claims: {
    C1: { text: 'lowest', methods: ['Ours'], against: ['A', 'B'], conditions: [condition('fid', 'kid', 'fid_192')] },
    C2: { text: 'higher', methods: ['A', 'B'], against: ['input'], conditions: [condition('psnr'), condition('ssim')] },
  },
  figures: { faces: { methods: ['Ours', 'A'] }, steps: { steps: 'Ours' } },
  reference: { rows: { Ours: { fid: 9.59, psnr: 26 }, 'A of the paper': { fid: 12 } } },
} as unknown as ComparisonSettings;

test('names are those of claims, figures and the reference, with where they stand', () => {
  const [c1, c2] = ['report.claims.C1', 'report.claims.C2'];
  expect(tableNames(SETTINGS)).toEqual({
    rows: [
      { path: c1, name: 'Ours' },
      { path: c1, name: 'A' },
      { path: c1, name: 'B' },
      { path: c2, name: 'A' },
      { path: c2, name: 'B' },
      { path: c2, name: 'input' },
      { path: 'report.figures.faces', name: 'Ours' },
      { path: 'report.figures.faces', name: 'A' },
      { path: 'report.figures.steps', name: 'Ours' },
    ],
    columns: [
      { path: c1, name: 'fid' },
      { path: c2, name: 'psnr' },
      { path: c2, name: 'ssim' },
    ],
    beside: [
      { path: c1, name: 'kid' },
      { path: c1, name: 'fid_192' },
    ],
    reference: { rows: ['Ours', 'A of the paper'], columns: ['fid', 'psnr', 'fid'] },
    comparisons: [
      { claim: 'C1', methods: ['Ours'], against: ['A', 'B'] },
      { claim: 'C2', methods: ['A', 'B'], against: ['input'] },
    ],
    mistakes: [],
  });
});

test('a report without a reference has no names of one', () => {
  const { reference } = tableNames({ claims: {}, figures: {} } as unknown as ComparisonSettings);
  expect(reference).toEqual({ rows: [], columns: [] });
});

test.each([
  ['neither', {}],
  ['both', { methods: ['A'], steps: 'A' }],
])('a figure with %s of methods and steps is a mistake', (_, figure) => {
  const settings = { claims: {}, figures: { faces: figure } } as unknown as ComparisonSettings;
  expect(tableNames(settings).mistakes).toEqual(['report.figures.faces needs either methods or steps']);
});
