import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytes } from '../../rehearsal/figures.ts';
import { freeMemory, residentMemory } from '../../rehearsal/memory.ts';
import { StageFolder } from '../../store/stage-folder.ts';
import { runDirectory, start, type Command } from '../kills/command.ts';
import { RunError } from '../kills/interrupted-run.ts';

/** How often a run is looked at, in ms. */
const LOOK = 20;
/** Most resident bytes of a run. */
const MOST = 24e9;
/** Bytes that are left to the rest of the machine. */
const RESERVE = 1e9;

/** The part of a run that trains a stage, or evaluates. */
export interface Spent {
  readonly seconds: number;
  /** Greatest resident memory of the process meanwhile, in bytes. */
  readonly peakBytes: number;
}

export const EVALUATION = 'evaluation';

/** A stage as a run directory shows it. */
export const stageOf = (command: Command, name: string) => new StageFolder(join(runDirectory(command), 'stages', name));

interface WatchOptions {
  /** In the order in which it trains them. */
  readonly stages: readonly string[];
  readonly signal: AbortSignal;
  /** The stage after whose first saved iteration the run is killed. */
  readonly killIn?: string;
  /** Gets what it says, a line each. */
  readonly told: (line: string) => void;
}

/**
 * Runs a command to its end, or until it is killed with all that it started. Returns what each part took, by its name.
 * Errors: `RunError` if it fails, ends before it could be killed, or takes too much memory; that of an aborted signal.
 */
export async function watchedRun(
  command: Command,
  { stages, signal, killIn, told }: WatchOptions,
): Promise<ReadonlyMap<string, Spent>> {
  signal.throwIfAborted();
  const began = Date.now();
  const run = start(command, (text) =>
    text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .forEach(told),
  );
  const spent = new Map<string, { began: number; seconds: number; peakBytes: number }>();
  let killed = false;
  let exceeded: string | undefined;
  const look = () => {
    const part = partOf(command, stages, began);
    if (part === undefined) return;
    const resident = Math.max(...processesOf(run.pid).map(residentMemory));
    const now = Date.now();
    const known = spent.get(part) ?? { began: now, seconds: 0, peakBytes: 0 };
    known.seconds = (now - known.began) / 1000;
    known.peakBytes = Math.max(known.peakBytes, resident);
    spent.set(part, known);
    if (resident > MOST || freeMemory() < RESERVE) {
      exceeded ??= `${part} takes ${bytes(resident)} of memory, more than there is for it`;
    }
    killed ||= part === killIn && (stageOf(command, killIn).progress?.iteration ?? 0) >= 1;
    if (killed || exceeded !== undefined) run.kill();
  };
  const watch = setInterval(look, LOOK);
  signal.addEventListener('abort', run.kill);
  try {
    const { code, error } = await run.ended;
    signal.throwIfAborted();
    if (exceeded !== undefined) throw new RunError(exceeded);
    if (!killed && code !== 0) throw new RunError(`exit code ${code}: ${error.trim()}`);
    if (!killed && killIn !== undefined) throw new RunError(`the run ended before it was killed in ${killIn}`);
    return spent;
  } finally {
    clearInterval(watch);
    signal.removeEventListener('abort', run.kill);
  }
}

/** What a run that began at a time (ms since 1970) is doing; undefined: it has not come to a stage yet. */
function partOf(command: Command, stages: readonly string[], began: number): string | undefined {
  const isBegun = (name: string) => {
    const link = lstatSync(join(runDirectory(command), 'stages', name), { throwIfNoEntry: false });
    return link !== undefined && link.mtimeMs >= began;
  };
  const part = stages.findLast(isBegun);
  if (part === undefined || part !== stages.at(-1)) return part;
  return stageOf(command, part).record.complete ? EVALUATION : part;
}

/** A process and its children. */
function processesOf(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return [pid, ...(children === '' ? [] : children.split(' ').map(Number))];
  } catch {
    return [pid];
  }
}
