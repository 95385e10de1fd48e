import { existsSync } from 'node:fs';
import { publishedAt, type Experiment, type PublishedWeights } from '@dualprior/core';

/** A weights file that an experiment depends on. */
export interface NeededFile {
  readonly path: string;
  readonly isThere: boolean;
  /** What it is, where the experiment calls it by name. */
  readonly published: PublishedWeights | undefined;
  /** The options that name it. */
  readonly options: readonly string[];
}

/** The weights files that an experiment names, in its order. */
export function neededFiles(experiment: Experiment): NeededFile[] {
  return [...experiment.weightsFiles()].map(([path, options]) => ({
    path,
    isThere: existsSync(path),
    published: publishedAt(path),
    options,
  }));
}
