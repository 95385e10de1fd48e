import { readFileSync } from 'node:fs';
import { DamagedFileError } from '../errors/damaged-file.ts';
import { UserError } from '../errors/user-error.ts';
import { readFailure } from '../files/read-failure.ts';

/** The whole file as text. Errors: `UserError` if it cannot be read. */
export function readText(file: string): string {
  try {
    return new TextDecoder().decode(readFileSync(file));
  } catch (error) {
    throw new UserError(`Cannot read ${file}: ${readFailure(error)}`);
  }
}

/** Runs a parser; whatever it throws becomes a `DamagedFileError` that names the file. */
export function parseFile<T>(file: string, what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new DamagedFileError(`${file} is not a ${what}, or it is damaged: ${readFailure(error)}`);
  }
}
