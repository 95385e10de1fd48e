import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DamagedFileError } from '@dualprior/core';
import { parseCsv } from './csv.ts';

/** A row per image, with the columns that have a value per image. */
export const METRICS = 'metrics.csv';
/** What each image contributes to the values of sets. */
export const CONTRIBUTIONS = 'contributions.csv';

/** The images' names, and what each is worth in each column. */
export interface PerImage {
  readonly names: readonly string[];
  readonly columns: ReadonlyMap<string, readonly number[]>;
}

/** What an evaluation has left in its folder. Errors: `DamagedFileError` where a table is missing, or is not whole. */
export function readPerImage(folder: string): PerImage {
  const files = [METRICS, CONTRIBUTIONS].map((name) => join(folder, name));
  const [first, ...others] = files.filter((file, i) => i === 0 || existsSync(file)).map((file) => readTable(file));
  const { names } = first!;
  for (const { file, names: own } of others) {
    if (own.length !== names.length || own.some((name, i) => name !== names[i])) {
      throw new DamagedFileError(`${file} is damaged: its images are not those of ${METRICS}.`);
    }
  }
  return { names, columns: new Map([first!, ...others].flatMap(({ columns }) => columns)) };
}

interface Table {
  readonly file: string;
  readonly names: readonly string[];
  readonly columns: readonly (readonly [name: string, values: readonly number[]])[];
}

function readTable(file: string): Table {
  try {
    const text = readFileSync(file, 'utf8');
    if (!text.endsWith('\n')) throw new Error('it is cut off');
    const [head, ...rows] = parseCsv(text);
    const columns = head!.slice(1).map((name, c) => [name, rows.map((row) => toNumber(row[c + 1]!))] as const);
    return { file, names: rows.map((row) => row[0]!), columns };
  } catch (error) {
    throw new DamagedFileError(`${file} is damaged: ${(error as Error).message}.`);
  }
}

function toNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || (Number.isNaN(value) && text !== 'NaN')) throw new Error(`"${text}" is no number`);
  return value;
}
