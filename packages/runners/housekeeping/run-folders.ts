import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isRunDirectory } from '../store/places.ts';
import type { RegisteredRun } from '../store/registered-runs.ts';

/** Run directories in a folder, and in the folders of sweeps in it. */
export function runFolders(folder: string, depth = 2): string[] {
  if (isRunDirectory(folder)) return [folder];
  if (depth === 0) return [];
  return foldersIn(folder)
    .filter((name) => name !== 'store')
    .flatMap((name) => runFolders(join(folder, name), depth - 1));
}

/** A run directory with the stages that it links to, also of an older version, which did not register. */
export function usedBy(run: string): RegisteredRun {
  const links = join(run, 'stages');
  const stages = foldersIn(links).map((name) => basename(realpathSync(join(links, name))));
  return { path: run, stages };
}

/** Names of the folders in a folder, and of links to folders. */
function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || (entry.isSymbolicLink() && existsSync(join(folder, entry.name))))
    .map(({ name }) => name)
    .sort();
}
