import { existsSync, lstatSync, readdirSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { systemReason, takeLock, UserError } from '@dualprior/core';
import { RegisteredRuns, type RegisteredRun } from '../store/registered-runs.ts';
import { runsFolder } from '../store/places.ts';
import { StageFolder } from '../store/stage-folder.ts';
import { folderSize } from './folder-size.ts';
import { runFolders, usedBy } from './run-folders.ts';

/** What a folder of the store holds. `training`: a process works on it now; `begun`: it was interrupted. */
type StageState = 'trained' | 'training' | 'begun' | 'damaged';

/** A trained, or half-trained, stage of a store. */
export interface StoredStage {
  readonly hash: string;
  /** Other hashes that lead to it: it was trained by an older version. */
  readonly aliases: readonly string[];
  readonly path: string;
  /** `experiment/stage` of each experiment that has used it. */
  readonly names: readonly string[];
  readonly state: StageState;
  /** Iterations that it was trained; null where that is unknown. */
  readonly iterations: number | null;
  readonly bytes: number;
  /** When it was last written, in ms since 1970. */
  readonly written: number;
  /** Directories of the runs that use it. */
  readonly runs: readonly string[];
}

const HASH = /^[0-9a-f]{16}$/;

/** All stages of a store, the largest first. Errors: `UserError` for a store that is not there, or a damaged registration. */
export function storedStages(store: string): StoredStage[] {
  if (!existsSync(store)) throw new UserError(`There is no store at ${store}: nothing was trained there yet.`);
  const runs = usingRuns(store);
  const entries = readdirSync(store).filter((name) => HASH.test(name));
  const links = entries.filter((name) => lstatSync(join(store, name)).isSymbolicLink());
  const targets = new Map(
    links
      .filter((link) => existsSync(join(store, link)))
      .map((link) => [link, basename(realpathSync(join(store, link)))]),
  );
  return entries
    .filter((name) => !links.includes(name))
    .map((hash) => {
      const path = join(store, hash);
      const aliases = links.filter((link) => targets.get(link) === hash);
      return { hash, aliases, path, ...folderSize(path), ...described(path), runs: using(hash, runs) };
    })
    .sort((a, b) => b.bytes - a.bytes);
}

/** Directories of the runs that use a stage now. */
export function runsUsing(store: string, hash: string): string[] {
  return using(hash, usingRuns(store));
}

function using(hash: string, runs: readonly RegisteredRun[]): string[] {
  return runs.filter(({ stages }) => stages.includes(hash)).map(({ path }) => path);
}

/** Runs that registered with the store, and those of the checkout, which may be older than that. */
function usingRuns(store: string): RegisteredRun[] {
  const registered = new RegisteredRuns(store).all();
  const known = new Set(registered.map(({ path }) => path));
  const others = runFolders(runsFolder()).filter((path) => !known.has(path));
  return [...registered, ...others.map(usedBy)];
}

function described(path: string): Pick<StoredStage, 'names' | 'state' | 'iterations'> {
  const folder = new StageFolder(path);
  try {
    const { usedAs: names, complete, iterations } = folder.record;
    if (complete) return { names, state: 'trained', iterations: iterations ?? null };
    const state = isLocked(path) ? 'training' : 'begun';
    return { names, state, iterations: folder.progress?.iteration ?? 0 };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { names: [], state: 'damaged', iterations: null };
  }
}

/** Whether a process works in a folder now. */
export function isLocked(folder: string): boolean {
  const file = join(folder, 'lock');
  if (!existsSync(file)) return false;
  try {
    const lock = takeLock(file);
    if ('owner' in lock) return true;
    lock.release();
    return false;
  } catch (error) {
    if (systemReason(error) === undefined) throw error;
    return true; // a folder of others, in which nothing can be written
  }
}
