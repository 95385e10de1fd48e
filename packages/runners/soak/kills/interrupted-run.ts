import { setTimeout as sleep } from 'node:timers/promises';
import { runDirectory, start, type Command } from './command.ts';
import { hasCome, type Moment } from './moments.ts';

/** How often is looked whether a moment has come, in ms. */
const LOOK = 10;

export class RunError extends Error {}

/** Runs a command undisturbed. Errors: `RunError` with its last lines if it fails, or is killed by someone else; that of an aborted signal. */
export async function wholeRun(command: Command, signal: AbortSignal): Promise<void> {
  if (await killedAt(undefined, command, [], signal)) throw new RunError('it was killed from outside');
}

/**
 * Starts a command and kills it at a moment. Returns whether it was killed: the moment may come to nothing if the run ends before.
 * Errors: `RunError` with its last lines if it fails by itself; that of an aborted signal.
 */
export async function killedAt(
  moment: Moment | undefined,
  command: Command,
  order: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  const began = Date.now();
  const run = start(command);
  const abort = () => run.kill();
  signal.addEventListener('abort', abort);
  const watch = new AbortController();
  if (moment) {
    const kill = async () => {
      while (!hasCome(moment, runDirectory(command), order, began)) await sleep(LOOK, null, watch);
      await sleep(moment.after, null, watch);
      run.kill();
    };
    kill().catch(() => {}); // the run has ended before
  }
  const { code, error } = await run.ended;
  watch.abort();
  signal.removeEventListener('abort', abort);
  signal.throwIfAborted();
  if (code !== null && code !== 0 && code !== 137) throw new RunError(`exit code ${code}: ${error.trim()}`);
  return code !== 0;
}
