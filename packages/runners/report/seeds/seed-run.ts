import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseSealedJson, sealedJson, UserError } from '@dualprior/core';
import { Type, type Static } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { Intervals } from '../../evaluation/intervals.ts';
import type { RunDirectory } from '../../store/run-directory.ts';
import type { Evidence } from '../claims/judge.ts';
import { evidenceOf } from '../record/evidence.ts';
import { readMeasurements, readMethod, type Measurements } from '../record/measurements.ts';

/** What the same experiment has measured with one seed. */
export interface SeedRun {
  readonly seed: number;
  readonly measured: Pick<Measurements, 'columns' | 'rows'>;
  readonly evidence: Evidence;
}

const Saved = Type.Object({ runs: Type.Array(Type.Object({ seed: Type.Integer(), path: Type.String() })) });

/** In a run directory: the runs of the same experiment with all its seeds, itself among them. */
const FILE = 'seeds.json';

/** A finished run, by its seed. */
type SeedPath = Static<typeof Saved>['runs'][number];

/** Errors: the run has not finished, or is damaged. */
export function readSeedRun({ seed, path }: SeedPath): SeedRun {
  const measured = readMeasurements(path);
  const values = new Map(measured.rows.map(({ method }) => [method, readMethod(path, method)]));
  return { seed, measured, evidence: evidenceOf(measured, new Intervals(values)) };
}

/** Writes down in a run directory which runs are of the same experiment. */
export function saveSeeds(directory: RunDirectory, runs: readonly SeedPath[]): void {
  const near = runs.map(({ seed, path }) => ({ seed, path: relative(directory.path, path) }));
  directory.write(FILE, sealedJson({ runs: near } satisfies Static<typeof Saved>));
}

/** Those of them that are there and have finished. None where a run has one seed only, or the file is damaged. */
export function readSeeds(directory: string): SeedRun[] {
  const file = join(directory, FILE);
  if (!existsSync(file)) return [];
  const found = parsed(readFileSync(file, 'utf8')).flatMap(({ seed, path }) => {
    try {
      return [readSeedRun({ seed, path: resolve(directory, path) })];
    } catch (error) {
      if (error instanceof UserError) return [];
      throw error;
    }
  });
  return found.length > 1 ? found : [];
}

function parsed(text: string): SeedPath[] {
  try {
    const { value } = parseSealedJson(text);
    return Value.Check(Saved, value) ? value.runs : [];
  } catch {
    return []; // the next sweep writes it again
  }
}
