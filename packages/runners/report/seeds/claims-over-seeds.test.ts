import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadExperiment, sealedJson } from '@dualprior/core';
import '../../index.ts';
import { RunDirectory } from '../../store/run-directory.ts';
import type { Claim } from '../claims/claim.ts';
import type { Evidence } from '../claims/judge.ts';
import { claimsOverSeeds, overSeedsLine } from './claims-over-seeds.ts';
import { readSeeds, saveSeeds, type SeedRun } from './seed-run.ts';

const COLUMNS = [
  { name: 'psnr', better: 'higher', digits: 2 },
  { name: 'lpips', better: 'lower', digits: 3 },
] as const;

const CLAIM: Claim = {
  text: 'Ours is above both',
  methods: ['Ours'],
  against: ['A', 'B'],
  conditions: [{ metric: 'psnr', beside: [], relation: 'better', by: 1 }],
};

/** Ours is ahead of A and B by so much, give or take 0.2. */
function run(seed: number, ofA: number, ofB: number): SeedRun {
  const leads = new Map([
    ['A', ofA],
    ['B', ofB],
  ]);
  const evidence: Evidence = {
    methods: ['A', 'B', 'Ours'],
    columns: COLUMNS,
    tooFew: [],
    lead: (_column, _method, other) => {
      const value = leads.get(other)!;
      return { value, interval: [value - 0.2, value + 0.2] };
    },
  };
  return { seed, evidence, measured: { columns: COLUMNS, rows: [] } };
}

// The leads over A are 2, 2.5, 3; those over B 1.5, 1.1, 0.7. By numpy.std(ddof=1): 0.5 and 0.4.
const RUNS = [run(0, 2, 1.5), run(1, 2.5, 1.1), run(4, 3, 0.7)];

test('a claim is judged in each run by itself, and counted', () => {
  const [claim] = claimsOverSeeds({ C1: CLAIM }, RUNS);
  expect(claim).toMatchObject({ name: 'C1', holds: 1, of: 3 });
  expect(claim!.verdicts).toEqual([
    { seed: 0, verdict: 'holds' },
    { seed: 1, verdict: 'not decided' },
    { seed: 4, verdict: 'does not hold' },
  ]);
});

test('it shows mean and standard deviation of the comparison that is nearest to fail', () => {
  const [claim] = claimsOverSeeds({ C1: CLAIM }, RUNS);
  expect(claim!.leads).toHaveLength(1);
  expect(claim!.leads[0]).toMatchObject({ column: 'psnr', method: 'Ours', other: 'B' });
  expect(claim!.leads[0]!.mean).toBeCloseTo(1.1, 12);
  expect(claim!.leads[0]!.deviation).toBeCloseTo(0.4, 12);
  expect(overSeedsLine(claim!, COLUMNS)).toBe(
    'C1 holds in 1 of 3 seeds (does not hold: seed 4; not decided: seed 1): "Ours is above both". Ours is 1.10 ± 0.40 better than B in psnr.',
  );
});

test('where the claim is that methods are worse, the nearest to fail is the one least behind', () => {
  const worse: Claim = { ...CLAIM, conditions: [{ ...CLAIM.conditions[0]!, relation: 'worse', by: 0 }] };
  const [claim] = claimsOverSeeds({ C: worse }, [run(0, -3, -1), run(1, -3, -2)]);
  expect(overSeedsLine(claim!, COLUMNS)).toContain(
    'C holds in 2 of 2 seeds: "Ours is above both". Ours is 1.50 ± 0.71 worse than B in psnr.',
  );
});

test('a run directory knows the runs of the other seeds; those that are gone or not at their end are left out', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'seeds-')));
  const experiment = loadExperiment(resolve(import.meta.dirname, '../../../../experiments/smoke.yaml'));
  const paths = [0, 1, 2].map((seed) => ({ seed, path: join(folder, `seed-${seed}`) }));
  for (const { seed, path } of paths) {
    mkdirSync(join(path, 'evaluation', 'input'), { recursive: true });
    writeFileSync(join(path, 'evaluation', 'input', 'metrics.csv'), 'image,psnr\na,20\nb,21\n');
    const rows = [{ method: 'input', values: [seed] }];
    writeFileSync(join(path, 'results.json'), sealedJson({ columns: [COLUMNS[0]], rows, note: '', facts: {} }));
  }
  const first = RunDirectory.open(paths[0]!.path, experiment);
  expect(readSeeds(first.path)).toEqual([]);
  saveSeeds(first, paths);
  expect(readSeeds(first.path).map(({ seed, measured }) => [seed, measured.rows[0]!.values[0]])).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
  ]);
  rmSync(join(paths[1]!.path, 'results.json'));
  expect(readSeeds(first.path).map(({ seed }) => seed)).toEqual([0, 2]);
  rmSync(paths[2]!.path, { recursive: true });
  expect(readSeeds(first.path)).toEqual([]);
  writeFileSync(first.file('seeds.json'), '{"runs": "none"}');
  expect(readSeeds(first.path)).toEqual([]);
});
