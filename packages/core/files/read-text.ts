import { readFileSync } from 'node:fs';
import { UserError } from '../errors/user-error.ts';
import { readFailure } from './read-failure.ts';

/** The whole file as text. Errors: `UserError` if it cannot be read. */
export function readText(file: string): string {
  try {
    return new TextDecoder().decode(readFileSync(file));
  } catch (error) {
    throw new UserError(`Cannot read ${file}: ${readFailure(error)}`);
  }
}
