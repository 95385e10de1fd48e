import type { Experiment } from './experiment.ts';
import { loadSweep } from './sweep/load-sweep.ts';
import type { LoadOptions } from './sweep/read-files.ts';

export type { LoadOptions };

/**
 * Reads an experiment file with all that it extends, lays `set` on it, checks everything and fills in the defaults; of an experiment with seeds or
 * a sweep the base, with the first seed. Components must have been registered before, by importing them.
 * Errors: `ConfigError` with everything that is wrong.
 */
export function loadExperiment(file: string, options: LoadOptions = {}): Experiment {
  return loadSweep(file, options).base;
}
