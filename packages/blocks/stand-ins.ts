import { existsSync } from 'node:fs';

type Told = (what: string) => void;

let told: Told | undefined;

/**
 * For a rehearsal: something else takes the place of files that are missing, and `listener` is told what, a line each. Undefined: a
 * missing file is an error again.
 */
export function standInForMissingFiles(listener: Told | undefined): void {
  told = listener;
}

/** Whether a file is missing and something else, `what`, takes its place; tells so. */
export function hasStandIn(file: string, what: string): boolean {
  if (!told || existsSync(file)) return false;
  told(`${what} for the missing file ${file}`);
  return true;
}
