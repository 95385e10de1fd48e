import type { Experiment } from '@dualprior/core';
import { Kind } from '@dualprior/core';
import type { Intervals } from '../evaluation/intervals.ts';
import type { Results } from '../evaluation/results.ts';
import type { Evidence } from './claims/judge.ts';
import type { ReportFacts } from './claims/table-names.ts';
import type { Picture } from './record/pictures.ts';
import type { StageHistory } from './record/stage-history.ts';
import type { ClaimOverSeeds } from './seeds/claims-over-seeds.ts';
import type { SeedRun } from './seeds/seed-run.ts';

/** All that is known about a run once its methods are measured. */
export interface RunRecord {
  readonly experiment: Experiment;
  /** The run directory. */
  readonly directory: string;
  readonly results: Results;
  /** How far methods are apart, with confidence intervals. */
  readonly evidence: Evidence;
  /** Confidence intervals of values and of differences between methods. */
  readonly intervals: Intervals;
  readonly stages: readonly StageHistory[];
  /** The test images that were kept, with what each method made of them. */
  readonly pictures: readonly Picture[];
  /** The runs of the same experiment with all its seeds, this one among them; empty where it has one seed. */
  readonly seeds: readonly SeedRun[];
  /** Versions, machine, hashes and times: label -> text. */
  readonly facts: Readonly<Record<string, string>>;
}

/** A way to show a run as one page. */
export interface Report {
  /** A whole HTML document that needs nothing beside itself. */
  page(record: RunRecord): Promise<string>;
  /** What it concludes, a sentence each, for the tables in plain text. */
  conclusions(record: RunRecord): string[];
  /** How its claims stand in the runs of the same experiment with other seeds. */
  overSeeds(runs: readonly SeedRun[]): ClaimOverSeeds[];
}

export const reports = new Kind<Report, ReportFacts>('report');
