import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { COMPILED, Interrupted, isOutside, programOf, TYPESCRIPT, UserError } from '@dualprior/core';
import { bytes } from './figures.ts';
import { freeMemory, residentMemory } from './memory.ts';
import type { RehearsalMessage, RehearsalTask } from './task.ts';

/** What a rehearsal needed more of than there is. */
export class Exceeded extends UserError {
  override readonly name = 'Exceeded';
}

export interface OwnProcessOptions {
  /** Called with what the process says meanwhile. */
  readonly told: (message: Extract<RehearsalMessage, { readonly line: string }>) => void;
  readonly signal: AbortSignal;
  /** It is ended after so many seconds. */
  readonly seconds: number;
  /** Most resident bytes; default: what is free when it begins, but for a reserve. */
  readonly memory?: number;
}

/** What is left free, as the system and this process need some too. */
const RESERVE = 1e9;
/** How often the process's memory is looked at, in ms. */
const LOOK = 50;

/**
 * Rehearses in a process of its own, which is ended before it takes the last of the memory and leaves no file behind. Returns what it
 * found and its greatest resident memory in bytes (null where the system does not tell).
 * Errors: `Exceeded` where memory or time do not suffice; `Interrupted`; what the process says.
 */
export async function inOwnProcess<T>(
  task: RehearsalTask,
  { told, signal, seconds, memory }: OwnProcessOptions,
): Promise<{ value: T; peakBytes: number | null }> {
  if (signal.aborted) throw new Interrupted();
  const folder = mkdtempSync(join(tmpdir(), 'dualprior-rehearsal-'));
  const env = { ...process.env, TMPDIR: folder };
  const child = spawn(process.execPath, programFor(task), { env });
  // Not in its command line, which every user of the machine sees: what is set may hold credentials.
  child.stdin.on('error', () => {}).write(`${JSON.stringify(task)}\n`);
  const limit = memory ?? Math.max(RESERVE, freeMemory() - RESERVE);
  let ended: Error | undefined;
  const end = (why: Error) => {
    ended ??= why;
    child.kill('SIGKILL');
  };
  const outOfMemory = () => new Exceeded(`it takes more than the ${bytes(limit)} of memory that are free`);
  const watch = setInterval(() => {
    if (residentMemory(child.pid!) > limit) end(outOfMemory());
  }, LOOK);
  const late = setTimeout(() => end(new Exceeded(`it takes longer than ${seconds} seconds`)), seconds * 1000);
  const interrupt = () => end(new Interrupted());
  signal.addEventListener('abort', interrupt);

  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000);
  });
  const closed = new Promise<NodeJS.Signals | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (_code, killed) => resolve(killed));
  });
  try {
    let last: RehearsalMessage | undefined;
    for await (const line of createInterface({ input: child.stdout })) {
      last = JSON.parse(line) as RehearsalMessage;
      if ('line' in last) told(last);
    }
    const killed = await closed;
    if (ended) throw ended;
    if (last?.type === 'result') return { value: last.value as T, peakBytes: last.peakBytes };
    if (last?.type === 'error') throw last.isUsers ? new UserError(last.message) : new Error(last.message);
    if (killed === 'SIGKILL') throw outOfMemory(); // by the system
    throw new Error(`A rehearsal ended${killed ? ` with ${killed}` : ''} without a result:\n${said}`);
  } finally {
    clearInterval(watch);
    clearTimeout(late);
    signal.removeEventListener('abort', interrupt);
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Compiled modules cannot take components that a program in TypeScript has imported by itself. */
function programFor({ components }: RehearsalTask): string[] {
  const program = join(import.meta.dirname, 'child.ts');
  const isOwn = (file: string) => !isOutside(file) && !file.includes('/testing/');
  return COMPILED || components.every(isOwn) ? programOf(program) : [...TYPESCRIPT, program];
}
