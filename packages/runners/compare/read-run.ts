import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Column } from '@dualprior/blocks';
import { UserError } from '@dualprior/core';
import type { PerImage } from '../evaluation/per-image.ts';
import { readMeasurements, readMethod } from '../report/record/measurements.ts';
import { readConfig } from '../store/run-directory.ts';

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

/** Errors: `UserError` for a folder that is no run, is of another version, is damaged, or has not come to its end. */
export function readRun(path: string): ComparedRun {
  const file = join(path, 'experiment.yaml');
  if (!existsSync(file)) throw new UserError(`${path} is no run directory: it holds no experiment.yaml.`);
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
