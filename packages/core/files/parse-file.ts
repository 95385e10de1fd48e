import { DamagedFileError } from '../errors/damaged-file.ts';
import { UserError } from '../errors/user-error.ts';
import { readFailure } from './read-failure.ts';

/** Runs a parser; whatever it throws becomes a `DamagedFileError` that names the file. */
export function parseFile<T>(file: string, what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new DamagedFileError(`${file} is not a ${what}, or it is damaged: ${readFailure(error)}`);
  }
}
