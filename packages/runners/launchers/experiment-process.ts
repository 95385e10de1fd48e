import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Interrupted, makeFolder } from '@dualprior/core';
import type { Console } from '../console/console.ts';
import type { Task, TaskEnd } from './launcher.ts';

const RUN = resolve(import.meta.dirname, '../../../tools/run.mjs');

interface ProcessOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** What it says goes to this file; otherwise to standard error, as it comes. */
  readonly log?: string | undefined;
  readonly console: Console;
  readonly signal: AbortSignal;
}

/** Does a task in a process of its own, `yarn experiment ... --json`. Errors: `Interrupted`. */
export async function inExperimentProcess(task: Task, { env, log, console, signal }: ProcessOptions): Promise<TaskEnd> {
  if (signal.aborted) throw new Interrupted();
  const child = spawn(process.execPath, [RUN, 'experiment', ...task.parameters, '--json'], {
    stdio: ['ignore', 'pipe', log === undefined ? 'inherit' : 'pipe'],
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
      if (/^(Stage|warning:)/.test(line)) console.info(`  [${task.label}] ${line}`);
    });
    child.on('close', () => file.end());
  }
  const code = await new Promise<number>((done) => {
    child.on('error', () => done(1));
    child.on('close', (status) => done(status ?? 1));
  });
  signal.removeEventListener('abort', stop);
  if (signal.aborted || code === 130) throw new Interrupted();
  const document = parsed(output);
  if (code === 0) return { task, problem: undefined, document };
  const errors = (document as { errors?: { message: string }[] } | undefined)?.errors ?? [];
  const said = errors.map(({ message }) => message).join('; ');
  const problem = said || `it ended with exit code ${code}`;
  return { task, problem: log === undefined ? problem : `${problem} (${log})`, document: undefined };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
