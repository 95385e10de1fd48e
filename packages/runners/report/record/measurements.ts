import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DamagedFileError,
  fromJournalNumber,
  parseSealedJson,
  sealedJson,
  spelled,
  toJournalNumber,
  UserError,
  type JournalNumber,
} from '@dualprior/core';
import type { Column } from '@dualprior/blocks';
import { readPerImage, type PerImage } from '../../evaluation/per-image.ts';
import { damagedFile } from '../../evaluation/seal.ts';
import type { RunDirectory } from '../../store/run-directory.ts';

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
const REMEDY = `The same \`${spelled('experiment')}\` makes it again.`;

/** Writes `results.json`: what a report is made of beside the other files of the run. */
export function saveMeasurements(directory: RunDirectory, measurements: Measurements): void {
  const rows = measurements.rows.map((row) => ({ ...row, values: row.values.map(toJournalNumber) }));
  directory.write(FILE, sealedJson({ ...measurements, rows } satisfies Saved));
}

/** Errors: the run has not come to its end. */
export function readMeasurements(directory: string): Measurements {
  try {
    const saved = parseSealedJson(readFileSync(join(directory, FILE), 'utf8')).value as Saved;
    return { ...saved, rows: saved.rows.map((row) => ({ ...row, values: row.values.map(fromJournalNumber) })) };
  } catch (error) {
    throw new UserError(
      `${directory} holds no results that can be read (${(error as Error).message}). The same \`${spelled('experiment')}\` makes them.`,
    );
  }
}

/** What the evaluation of a method has left. Errors: it is damaged. */
export function readMethod(directory: string, method: string): PerImage {
  const folder = join(directory, 'evaluation', method);
  const damaged = damagedFile(folder);
  try {
    if (damaged !== undefined) throw new DamagedFileError(`${damaged} is damaged.`);
    return readPerImage(folder);
  } catch (error) {
    throw error instanceof DamagedFileError ? new UserError(`${error.message} ${REMEDY}`) : error;
  }
}
