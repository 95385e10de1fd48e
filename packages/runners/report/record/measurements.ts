import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
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
  /** The number of learned parameters of the method's networks; absent for the row `input`. */
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

/** The measurements of an experiment that only trains. */
export const NOTHING_COMPARED: Omit<Measurements, 'facts'> = {
  columns: [],
  rows: [],
  note: 'Trained, not evaluated: nothing is compared.',
};

type Saved = Omit<Measurements, 'rows'> & {
  readonly rows: readonly (Omit<MeasuredRow, 'values'> & { readonly values: readonly JournalNumber[] })[];
};

/** A name of a file or folder, not a path. */
const Name = Type.String({ pattern: '^(?!\\.\\.?$)[^/\\0]+$' });
const JournalNumber = Type.Union([
  Type.Number(),
  Type.Literal('NaN'),
  Type.Literal('Infinity'),
  Type.Literal('-Infinity'),
]);

/** What other versions, which may have other files, must have too. */
const Readable = Type.Object({
  columns: Type.Array(
    Type.Object({
      name: Type.String(),
      better: Type.Union([Type.Literal('higher'), Type.Literal('lower')]),
      digits: Type.Integer({ minimum: 0, maximum: 20 }),
    }),
  ),
  rows: Type.Array(
    Type.Object({ method: Name, values: Type.Array(JournalNumber), views: Type.Optional(Type.Array(Name)) }),
  ),
  note: Type.String(),
  facts: Type.Record(Type.String(), Type.String()),
});

const FILE = 'results.json';
const REMEDY = `The same \`${spelled('experiment')}\` makes it again.`;

/** Writes `results.json`: what a report is made of beside the other files of the run. */
export function saveMeasurements(directory: RunDirectory, measurements: Measurements): void {
  const rows = measurements.rows.map((row) => ({ ...row, values: row.values.map(toJournalNumber) }));
  directory.write(FILE, sealedJson({ ...measurements, rows } satisfies Saved));
}

/** Errors: the run has not finished; the file is damaged, or of another version. */
export function readMeasurements(directory: string): Measurements {
  const file = join(directory, FILE);
  if (!existsSync(file))
    throw new UserError(
      `${directory} has not finished: it has no results yet (there is no ${FILE}). The same \`${spelled('experiment')}\` continues with it.`,
    );
  try {
    const saved = asSaved(parseSealedJson(readFileSync(file, 'utf8')).value);
    return { ...saved, rows: saved.rows.map((row) => ({ ...row, values: row.values.map(fromJournalNumber) })) };
  } catch (error) {
    throw new UserError(
      `${directory} holds no results that can be read (${(error as Error).message}). The same \`${spelled('experiment')}\` makes them.`,
    );
  }
}

function asSaved(value: object): Saved {
  const wrong = Value.Errors(Readable, value).First();
  if (wrong) {
    const found = wrong.value === undefined ? 'missing' : JSON.stringify(wrong.value);
    throw new Error(`it is of another version: ${wrong.path.slice(1).replaceAll('/', '.')} is ${found}`);
  }
  const saved = value as Saved;
  const short = saved.rows.find(({ values }) => values.length !== saved.columns.length);
  if (short) throw new Error(`${short.method} has ${short.values.length} values in ${saved.columns.length} columns`);
  return saved;
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
