import { basename, resolve } from 'node:path';
import { Checker } from './checker.ts';
import { ExperimentCheck } from './experiment-check.ts';
import { Experiment } from './experiment.ts';
import { FileReader, showFile } from './files.ts';
import { merge } from './merge.ts';
import type { MapNode } from './node.ts';
import { Findings } from './problem.ts';
import { parseSets } from './set.ts';
import { Source } from './source.ts';

interface LoadOptions {
  /** `a.b.c=VALUE`, as given to `--set`. */
  readonly set?: readonly string[] | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Where the person stands; npm and yarn say it in INIT_CWD. */
  readonly cwd?: string | undefined;
}

/**
 * Reads an experiment file with all that it extends, lays `set` on it, checks everything and fills in the defaults.
 * Components must have been registered before, by importing them.
 * Errors: `ConfigError` with everything that is wrong.
 */
export function loadExperiment(file: string, options: LoadOptions = {}): Experiment {
  const { env = process.env } = options;
  const { cwd = env['INIT_CWD'] ?? process.cwd(), set = [] } = options;
  const findings = new Findings();
  const path = resolve(cwd, file);
  const read = new FileReader(cwd, env, findings).read(path);
  const sets = parseSets(set, cwd, findings);
  findings.throwIfLost();
  const root = (sets ? merge(read!, sets) : read!) as MapNode;

  const start = { source: new Source(showFile(path, cwd), '', cwd), start: 0, end: 0 };
  const check = new ExperimentCheck(new Checker(env, cwd, findings), root, start);
  const config = check.config(nameOf(path));
  findings.throwIfAny();
  return new Experiment(path, config, check.checker.origins, check.checker.credentials);
}

/** The name of an experiment that says none: that of its file. */
function nameOf(path: string): string {
  const name = basename(path).replace(/\.ya?ml$/, '');
  return name.replaceAll(/[^A-Za-z0-9_.-]+/g, '-').replace(/^[^A-Za-z0-9_]+/, '') || 'experiment';
}
