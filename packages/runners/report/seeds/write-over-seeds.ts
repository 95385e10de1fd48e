import type { Experiment } from '@dualprior/core';
import { RunDirectory } from '../../store/run-directory.ts';
import { readRunRecord } from '../record/run-record.ts';
import { reportOf } from '../write-report.ts';
import type { ClaimOverSeeds } from './claims-over-seeds.ts';
import { readSeedRun, saveSeeds } from './seed-run.ts';

/** A finished run. */
export interface FinishedRun {
  readonly experiment: Experiment;
  readonly path: string;
}

/**
 * Has `report.html` of each of these runs, which differ in their seeds only, show table and claims over all of them. Returns how the claims stand.
 * Errors: `UserError` for a run that is damaged, or in use.
 * @param runs at least two
 */
export async function writeOverSeeds(runs: readonly FinishedRun[]): Promise<ClaimOverSeeds[]> {
  const paths = runs.map(({ experiment, path }) => ({ seed: experiment.seed, path }));
  const seeds = paths.map(readSeedRun);
  for (const { experiment, path } of runs) {
    const directory = RunDirectory.open(path, experiment);
    const unlock = directory.lock();
    try {
      saveSeeds(directory, paths);
      directory.write('report.html', await reportOf(experiment).page(await readRunRecord(experiment, path, seeds)));
    } finally {
      unlock();
    }
  }
  return reportOf(runs[0]!.experiment).overSeeds(seeds);
}
