import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const RUN = resolve(import.meta.dirname, '../../../../tools/run.mjs');

/** `yarn experiment` with a store and a run directory of its own below a folder. */
export interface Command {
  /** The experiment. */
  readonly file: string;
  readonly folder: string;
  /** Values of `--set`. */
  readonly settings: readonly string[];
  /** Further flags. */
  readonly flags?: readonly string[];
}

export const store = ({ folder }: Command) => join(folder, 'store');
export const runDirectory = ({ folder }: Command) => join(folder, 'run');

interface Started {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** Kills it and all that it started. */
  kill(): void;
  /** Kills the program alone: what it started ends by itself. */
  killAlone(): void;
  /** Whether it, or anything that it started, still runs. */
  isAlive(): boolean;
}

interface Ended {
  /** Null for one that was killed. */
  readonly code: number | null;
  readonly error: string;
}

/** @param told called with its output, as it comes */
export function start(command: Command, told: (text: string) => void = () => {}): Started {
  const settings = [`store=${store(command)}`, ...command.settings].flatMap((set) => ['--set', set]);
  const parameters = [
    'experiment',
    command.file,
    '--run-dir',
    runDirectory(command),
    '--device',
    'cpu',
    ...settings,
    ...(command.flags ?? []),
  ];
  const child = spawn(process.execPath, [RUN, ...parameters], { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  let error = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    error = (error + text).slice(-4000);
    told(text);
  });
  const ended = new Promise<Ended>((done, failed) => {
    child.on('error', failed).on('close', (code) => done({ code, error }));
  });
  return {
    pid: child.pid!,
    ended,
    kill: () => killGroup(child),
    killAlone: () => programsOf(child.pid!).forEach((pid) => signal(pid, 'SIGKILL')),
    isAlive: () => signal(-child.pid!, 0),
  };
}

/** The children of `tools/run.mjs`: the program that it stands before. */
function programsOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return []; // it has ended
  }
}

function killGroup({ pid }: ChildProcess): void {
  signal(-pid!, 'SIGKILL');
}

/** Whether there was a process to send it to. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false; // it has ended
  }
}
