import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { counted, programOf, quoted, standing, type Log } from '@dualprior/core';
import type { Task } from '../launcher.ts';
import { sbatch, scancel, SlurmError } from './commands.ts';
import { JobArray } from './job-array.ts';
import { levelsOf } from './levels.ts';
import { resourceFlags, WARNING, type SlurmOptions } from './options.ts';
import { isDone, numbersOf, type Queue } from './status.ts';

/** What a submission needs to know. */
interface Submitter {
  /** The folder of all arrays. */
  readonly root: string;
  /** The name of the jobs, for display; a random part is added. */
  readonly name: string;
  readonly options: SlurmOptions;
  readonly log: Log;
}

/**
 * Submits tasks, of which `leftToSubmit` says that they need a job: an array a level of the graph, which begins when the jobs that it needs have ended,
 * well or not. Those of before that wait for what is now done again are withdrawn. Errors: `SlurmError`; what was submitted before it stays.
 */
export async function submit(left: readonly Task[], queue: Queue, to: Submitter): Promise<void> {
  await scancel(numbersOf(left.flatMap(({ id }) => queue.waiting(id) ?? [])));
  const jobs = new Map(queue.active);
  const levels = levelsOf(left);
  for (const [i, level] of levels.entries()) {
    const needed = level.flatMap(({ needs }) => needs.flatMap((id) => jobs.get(id) ?? []));
    const array = JobArray.write(to.root, `${to.name}-${randomBytes(3).toString('hex')}`, {
      written: Date.now(),
      cwd: standing(),
      asked: asked(to.options),
      tasks: level.map(({ id, label, needs, parameters, leaves }) => {
        return { id, label, needs: [...needs], parameters: [...parameters], leaves };
      }),
    });
    try {
      array.job = await submitArray(array, numbersOf(needed), to);
    } catch (error) {
      const isRefused = error instanceof SlurmError && !error.isLost; // otherwise it may have arrived: it is looked for later
      if (isRefused) rmSync(array.folder, { recursive: true });
      throw error;
    }
    level.forEach((task, index) => jobs.set(task.id, { array, index, task }));
    to.log.info(`  job array ${array.job}: ${counted(level.length, 'job')} (level ${i + 1} of ${levels.length})`);
  }
}

/** Tasks of which a new job is needed: those that have none or have failed, and those behind them that only wait for them. */
export function leftToSubmit(tasks: readonly Task[], queue: Queue): Task[] {
  const left = new Map<string, Task>();
  for (const task of levelsOf(tasks).flat()) {
    const job = queue.jobs.get(task.id);
    const status = job && queue.statusOf(job);
    const goesOn =
      status?.state === 'running' || (status?.state === 'waiting' && !task.needs.some((id) => left.has(id)));
    const hasEnded = job && status && isDone(job, status) && isSame(job.task.parameters, task.parameters);
    if (!goesOn && !hasEnded) left.set(task.id, task);
  }
  return [...left.values()];
}

function submitArray(array: JobArray, needed: readonly string[], { options }: Submitter): Promise<string> {
  const script = scriptOf(array.folder, options.setup);
  writeFileSync(join(array.folder, 'script.sh'), script); // for users: Slurm keeps its own
  const most = options.parallel === undefined ? '' : `%${options.parallel}`;
  return sbatch(
    [
      `--job-name=${array.name}`,
      `--array=0-${array.tasks.length - 1}${most}`,
      '--nodes=1',
      '--ntasks=1',
      '--requeue',
      `--signal=B:TERM@${WARNING}`,
      '--open-mode=append',
      `--output=${array.folder.replaceAll('%', '%%')}/%a.log`,
      ...(needed.length > 0 ? [`--dependency=afterany:${needed.join(':')}`] : []),
      ...resourceFlags(options),
    ],
    script,
  );
}

function asked(options: SlurmOptions): Record<string, string> {
  const plain = Object.entries(options).filter(([, value]) => ['string', 'number'].includes(typeof value));
  return Object.fromEntries(plain.map(([name, value]) => [name, String(value)]));
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, i) => each === b[i]);
}

const CHILD = join(import.meta.dirname, 'child.ts');

/**
 * What sbatch is given for a job array. The program takes the place of the shell, since only it gets the signal before the time runs out (`--signal=B:TERM`).
 * @param folder of the array
 * @param setup lines of the shell before it
 */
function scriptOf(folder: string, setup: readonly string[] = []): string {
  const program = [process.execPath, ...programOf(CHILD), folder].map(quoted).join(' ');
  return ['#!/bin/bash', ...setup, `exec ${program}`, ''].join('\n');
}
