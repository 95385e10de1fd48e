import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Interrupted, makeFolder } from '@dualprior/core';
import type { Task, TaskEnd } from './launcher.ts';

const RUN = resolve(import.meta.dirname, '../../../tools/run.mjs');

/** The exit code of what SIGKILL has ended. */
const KILLED = 137;

interface ProcessOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** What it says goes to this file, and to `told` line by line; otherwise to standard error, as it comes. */
  readonly log?: string | undefined;
  readonly told?: (line: string) => void;
  readonly signal: AbortSignal;
}

/** How a process ended, and whether another one killed it. */
export interface ProcessEnd extends TaskEnd {
  readonly killed: boolean;
}

/**
 * Does a task in a process of its own, `yarn experiment ... --json`. If this process is killed, the other one saves its state and ends.
 * Errors: `Interrupted`.
 */
export async function inExperimentProcess(task: Task, { env, log, told, signal }: ProcessOptions): Promise<ProcessEnd> {
  if (signal.aborted) throw new Interrupted();
  const child = spawn(process.execPath, [RUN, 'experiment', ...task.parameters, '--json'], {
    stdio: ['ignore', 'pipe', log === undefined ? 'inherit' : 'pipe', 'ipc'],
    env: { ...process.env, ...env },
  });
  const stop = () => child.kill('SIGINT');
  signal.addEventListener('abort', stop);
  let output = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (output += text));
  if (log !== undefined) {
    makeFolder(dirname(log));
    const file = createWriteStream(log, { flags: 'a' });
    createInterface({ input: child.stderr! }).on('line', (line) => {
      file.write(`${line}\n`);
      told?.(line);
    });
    child.on('close', () => file.end());
  }
  const code = await new Promise<number>((done) => {
    child.on('error', () => done(1));
    child.on('close', (status) => done(status ?? KILLED));
  });
  signal.removeEventListener('abort', stop);
  if (signal.aborted || code === 130) throw new Interrupted();
  const document = parsed(output);
  const killed = code === KILLED;
  if (code === 0) return { task, problem: undefined, document, killed };
  const errors = (document as { errors?: { message: string }[] } | undefined)?.errors ?? [];
  const said = errors.map(({ message }) => message).join('; ');
  const problem = said || (killed ? 'it was killed, perhaps as memory ran out' : `it ended with exit code ${code}`);
  return { task, problem: log === undefined ? problem : `${problem} (${log})`, document: undefined, killed };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
