import { basename, resolve } from 'node:path';
import { standing } from '../../process/working-folder.ts';
import { FileReader, showFile } from '../files.ts';
import { merge } from '../merge.ts';
import type { MapNode } from '../node.ts';
import type { Findings } from '../findings.ts';
import { parseSets } from '../set.ts';
import { Source, type Place } from '../source.ts';

export interface LoadOptions {
  /** `a.b.c=VALUE`, as given to `--set`. */
  readonly set?: readonly string[] | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** The working directory of the user; npm and yarn say it in INIT_CWD. */
  readonly cwd?: string | undefined;
}

/** An experiment file with all that it extends and `set` laid on it, not checked yet. */
interface ReadFiles {
  readonly root: MapNode;
  /** Absolute. */
  readonly path: string;
  /** That of the file, for an experiment that says none. */
  readonly name: string;
  /** The start of the file. */
  readonly start: Place;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

/** Errors: `ConfigError` for files that cannot be read, so that nothing more can be said. */
export function readFiles(file: string, options: LoadOptions, findings: Findings): ReadFiles {
  const { env = process.env } = options;
  const { cwd = standing(env), set = [] } = options;
  const path = resolve(cwd, file);
  const read = new FileReader(cwd, env, findings).read(path);
  const sets = parseSets(set, cwd, findings);
  findings.throwIfLost();
  const root = (sets ? merge(read!, sets) : read!) as MapNode;
  const start = { source: new Source(showFile(path, cwd), '', cwd), start: 0, end: 0 };
  return { root, path, name: nameOf(path), start, env, cwd };
}

function nameOf(path: string): string {
  const name = basename(path).replace(/\.ya?ml$/, '');
  return name.replaceAll(/[^A-Za-z0-9_.-]+/g, '-').replace(/^[^A-Za-z0-9_]+/, '') || 'experiment';
}
