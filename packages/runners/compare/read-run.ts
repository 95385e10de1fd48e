import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Column } from '@dualprior/blocks';
import { counted, didYouMean, UserError } from '@dualprior/core';
import type { PerImage } from '../evaluation/per-image.ts';
import { readMeasurements, readMethod } from '../report/record/measurements.ts';
import { readConfig } from '../store/run-directory.ts';
import { readMembership, readSweepFile } from '../store/sweep-files.ts';

/** What a run says of one method, or of the degraded input. */
export interface ComparedMethod {
  /** In the order of the columns. */
  readonly values: readonly number[];
  readonly images: PerImage;
}

/** A finished run, as it is compared with others. */
export interface ComparedRun {
  readonly path: string;
  readonly name: string;
  readonly seed: number;
  /** `experiment.yaml`: every option, defaults filled in. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly columns: readonly Column[];
  /** By method, in the order of the table. */
  readonly methods: ReadonlyMap<string, ComparedMethod>;
}

/** Finished runs; the directory of a sweep stands for its runs. Errors: `UserError` with everything that is wrong with any of them. */
export function readRuns(paths: readonly string[]): ComparedRun[] {
  const read = paths.flatMap(runsOf).map((path) => {
    try {
      return readRun(path);
    } catch (error) {
      if (error instanceof UserError) return error;
      throw error;
    }
  });
  const wrong = read.filter((each) => each instanceof UserError);
  if (wrong.length === 0) return read as ComparedRun[];
  throw new UserError(
    wrong.map(({ message }) => message).join('\n'),
    wrong.flatMap(({ problems }) => problems),
  );
}

/** Errors: `UserError` for a folder that is no run, is of another version, is damaged, or has not finished. */
function readRun(path: string): ComparedRun {
  const file = join(path, 'experiment.yaml');
  if (!existsSync(file)) throw new UserError(noRun(path));
  const config = readConfig(file);
  const { name, seed, methods } = config;
  if (typeof name !== 'string' || typeof seed !== 'number' || typeof (methods ?? {}) !== 'object') {
    throw new UserError(`${file} is of another version, or damaged: it does not say name, seed and methods.`);
  }
  const { columns, rows } = readMeasurements(path);
  if (rows.length === 0) throw new UserError(`${path} only trains: there are no results to compare.`);
  const compared = rows.map(({ method, values }) => [method, { values, images: readMethod(path, method) }] as const);
  return { path, name, seed, config, columns, methods: new Map(compared) };
}

/** The runs of a sweep, which are beside its directory, in its order, the base first; those of earlier sweeps of this base come last. Of any other path itself. */
function runsOf(path: string): string[] {
  const sweep = readSweepFile(path);
  if (!sweep) return [path];
  const folder = dirname(resolve(path));
  const runs = namesIn(folder).filter((name) => readMembership(join(folder, name))?.sweep.directory === resolve(path));
  const order = Object.keys(sweep.members);
  const rank = (name: string) => order.indexOf(name.replace(/-[^-]*$/, '')) + 1 || Infinity;
  return runs.sort((a, b) => rank(a) - rank(b)).map((name) => join(folder, name));
}

/** Why a path is no run, with what was probably meant. */
function noRun(path: string): string {
  if (existsSync(path)) {
    const inside = namesIn(path).filter((name) => isRun(join(path, name)));
    const hint =
      inside.length > 0 ? ` It holds ${counted(inside.length, 'run')}. Name runs, e.g. ${join(path, '*')}` : '';
    return `${path} is not a run directory (it has no experiment.yaml).${hint}`;
  }
  const folder = dirname(path);
  if (!existsSync(folder)) return `There is no ${path}: there is no folder ${folder}.`;
  const runs = namesIn(folder).filter((name) => isRun(join(folder, name)));
  const begun = runs.find((name) => name.startsWith(basename(path)));
  const hint = begun === undefined ? didYouMean(basename(path), runs) : `did you mean "${begun}"?`;
  return `There is no ${path}${hint === undefined ? `: ${folder} holds ${counted(runs.length, 'run')}` : ` (${hint})`}.`;
}

function isRun(path: string): boolean {
  return existsSync(join(path, 'experiment.yaml'));
}

function namesIn(folder: string): string[] {
  return statSync(folder).isDirectory() ? readdirSync(folder) : [];
}
