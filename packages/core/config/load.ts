import type { Experiment } from './experiment.ts';
import { loadOne, type SweepOptions } from './sweep/load-sweep.ts';

/**
 * Reads an experiment file with all that it extends, lays `set` on it, checks everything and fills in the defaults; of an experiment with seeds or
 * a sweep the base, with the first seed, or the one that `only` names. Components must have been registered before, by importing them.
 * Errors: `ConfigError` with everything that is wrong.
 */
export function loadExperiment(file: string, options: SweepOptions = {}): Experiment {
  return loadOne(file, options);
}
