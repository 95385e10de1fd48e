import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spelled, fromJournalNumber, toJournalNumber, UserError, type JournalNumber } from '@dualprior/core';
import type { Column } from '@dualprior/blocks';
import { parseCsv } from '../../evaluation/csv.ts';
import { CONTRIBUTIONS } from '../../evaluation/evaluate.ts';
import type { RunDirectory } from '../../experiment/run-directory.ts';

/** What the evaluation says about one row of the table. */
export interface MeasuredRow {
  readonly method: string;
  readonly values: readonly number[];
  /** As in `Row`. */
  readonly infinite?: Readonly<Record<string, number>>;
  /** Count of the numbers that the method's networks have learnt; absent for the row `input`. */
  readonly parameters?: number;
  /** Names of the images on its way that were kept. */
  readonly views?: readonly string[];
}

/** What the evaluation says, and where it was made. */
export interface Measurements {
  readonly columns: readonly Column[];
  readonly rows: readonly MeasuredRow[];
  readonly note: string;
  /** What a reader must know of the metrics beside that; a sentence each. */
  readonly remarks?: readonly string[];
  /** Names of the columns that so few images put far off (absent in results of older versions). */
  readonly tooFew?: readonly string[];
  /** Versions, machine, hashes and times: label -> text. */
  readonly facts: Readonly<Record<string, string>>;
}

/** Of an experiment that only trains. */
export const NOTHING_COMPARED: Omit<Measurements, 'facts'> = {
  columns: [],
  rows: [],
  note: 'Trained, not evaluated: nothing is compared.',
};

type Saved = Omit<Measurements, 'rows'> & {
  readonly rows: readonly (Omit<MeasuredRow, 'values'> & { readonly values: readonly JournalNumber[] })[];
};

const FILE = 'results.json';

/** Writes `results.json`: what a report is made of beside the other files of the run. */
export function saveMeasurements(directory: RunDirectory, measurements: Measurements): void {
  const rows = measurements.rows.map((row) => ({ ...row, values: row.values.map(toJournalNumber) }));
  directory.write(FILE, `${JSON.stringify({ ...measurements, rows } satisfies Saved, null, 2)}\n`);
}

/** Errors: the run has not come to its end. */
export function readMeasurements(directory: string): Measurements {
  try {
    const saved = JSON.parse(readFileSync(join(directory, FILE), 'utf8')) as Saved;
    return { ...saved, rows: saved.rows.map((row) => ({ ...row, values: row.values.map(fromJournalNumber) })) };
  } catch (error) {
    throw new UserError(
      `${directory} holds no results that can be read (${(error as Error).message}). The same \`${spelled('experiment')}\` makes them.`,
    );
  }
}

/** The images' names, and what each is worth in each column: `metrics.csv` and `contributions.csv` of `evaluation/METHOD`. */
export interface PerImage {
  readonly names: readonly string[];
  readonly columns: ReadonlyMap<string, readonly number[]>;
}

export function readPerImage(directory: string, method: string): PerImage {
  const folder = join(directory, 'evaluation', method);
  const files = ['metrics.csv', CONTRIBUTIONS].map((name) => join(folder, name)).filter((file) => existsSync(file));
  const tables = files.map((file) => parseCsv(readFileSync(file)));
  const columns = tables.flatMap(([head, ...rows]) =>
    head!.slice(1).map((name, c) => [name, rows.map((row) => Number(row[c + 1]))] as const),
  );
  return { names: tables[0]!.slice(1).map((row) => row[0]!), columns: new Map(columns) };
}
