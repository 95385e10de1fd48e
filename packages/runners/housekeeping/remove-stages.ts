import { renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describeOwner, spelled, takeLock, UserError } from '@dualprior/core';
import { runsUsing, type StoredStage } from './stored-stage.ts';

const DAY = 86_400_000;

/** What `gc` removes, and what stays although no run uses it. */
interface Garbage {
  readonly removable: readonly StoredStage[];
  /** No run uses them, but they were written lately, or a process works on them. */
  readonly recent: readonly StoredStage[];
}

/**
 * Stages that no run uses.
 * @param days those that were written in so many days stay: a stage may be trained for a run that is yet to begin
 */
export function garbage(stages: readonly StoredStage[], days: number, now = Date.now()): Garbage {
  const unused = stages.filter(({ runs }) => runs.length === 0);
  const isRecent = ({ written, state }: StoredStage) => state === 'training' || now - written < days * DAY;
  return { removable: unused.filter((stage) => !isRecent(stage)), recent: unused.filter(isRecent) };
}

/**
 * The stages that hashes, or the beginnings of hashes, name.
 * Errors: `UserError` for one that names none, or several.
 */
export function namedStages(stages: readonly StoredStage[], names: readonly string[]): StoredStage[] {
  return names.map((name) => {
    const found = stages.filter(({ hash, aliases }) => [hash, ...aliases].some((one) => one.startsWith(name)));
    if (found.length === 1) return found[0]!;
    const what = found.length === 0 ? 'no stage' : `${found.length} stages`;
    throw new UserError(
      `"${name}" is the beginning of ${what} in the store; \`${spelled('store ls')}\` shows their hashes.`,
    );
  });
}

/**
 * Removes a stage in one step, so that a kill leaves all of it or nothing that is looked up. Errors: `UserError` where a process trains it, or a run
 * has begun to use it since it was listed.
 */
export function removeStage({ hash, aliases, path, runs }: StoredStage): void {
  const store = dirname(path);
  const lock = takeLock(join(path, 'lock'));
  if ('owner' in lock) throw new UserError(`The stage ${hash} stays: ${describeOwner(lock.owner)} is training it.`);
  try {
    const since = runsUsing(store, hash).find((run) => !runs.includes(run));
    if (since !== undefined) throw new UserError(`The stage ${hash} stays: ${since} has begun to use it.`);
    const removed = join(store, `.removed-${hash}`);
    rmSync(removed, { recursive: true, force: true });
    renameSync(path, removed);
    for (const alias of aliases) rmSync(join(store, alias), { force: true });
    rmSync(removed, { recursive: true, force: true });
  } finally {
    lock.release();
  }
}
