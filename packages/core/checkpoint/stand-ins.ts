import { existsSync } from 'node:fs';
import type { StateDict } from '../nn/parameters.ts';

type Told = (what: string) => void;
type Keep = (file: string, weights: StateDict) => void;

let told: Told | undefined;
let keep: Keep | undefined;

/**
 * For a rehearsal: missing files are replaced by something else, and `listener` gets a line about each. Undefined: a
 * missing file is an error again.
 * @param keeper gets the weights that take the place of a file
 */
export function standInForMissingFiles(listener: Told | undefined, keeper?: Keep): void {
  told = listener;
  keep = keeper;
}

/** Whether a file is missing and something else, `what`, takes its place; tells so. */
export function hasStandIn(file: string, what: string): boolean {
  if (!told || existsSync(file)) return false;
  told(`${what} for the missing file ${file}`);
  return true;
}

/** The weights that take the place of a missing file. */
export function standInWeights(file: string, weights: StateDict): StateDict {
  keep?.(file, weights);
  return weights;
}
