import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { counted, UserError, type Log } from '@dualprior/core';
import type { Task } from '../launcher.ts';
import { sbatch, scancel, SlurmError } from './commands.ts';
import { JobArray, type Job } from './job-array.ts';
import { levelsOf } from './levels.ts';
import { resourceFlags, WARNING, type SlurmOptions } from './options.ts';
import { refusal } from './refusal.ts';
import { scriptOf } from './script.ts';
import { isDone, type Queue } from './status.ts';

/** What a submission needs to know. */
export interface Submitter {
  /** The folder of all arrays. */
  readonly root: string;
  /** Of the jobs, for people; a random part is added. */
  readonly name: string;
  readonly options: SlurmOptions;
  readonly log: Log;
}

/**
 * Submits what is neither done nor on its way: an array a level of the graph, which begins when the jobs that it needs have ended, well or not.
 * Errors: `UserError` where Slurm refuses; what was submitted before stays.
 */
export async function submit(tasks: readonly Task[], queue: Queue, to: Submitter): Promise<void> {
  const left = leftToSubmit(tasks, queue);
  const withdrawn = left.flatMap((task) => queue.waiting(task.id) ?? []);
  const cancelled = numbersOf(withdrawn);
  try {
    await scancel(cancelled);
    const jobs = new Map(queue.jobs);
    const levels = levelsOf(left);
    for (const [i, level] of levels.entries()) {
      const needed = level.flatMap(({ needs }) => needs.flatMap((id) => jobs.get(id) ?? []));
      const array = JobArray.write(to.root, `${to.name}-${randomBytes(3).toString('hex')}`, {
        written: Date.now(),
        cwd: process.env['INIT_CWD'] ?? process.cwd(),
        asked: asked(to.options),
        tasks: level.map(({ id, label, needs, parameters, leaves }) => {
          return { id, label, needs: [...needs], parameters: [...parameters], leaves };
        }),
      });
      array.job = await submitArray(array, numbersOf(needed.filter(({ task }) => isStillNeeded(task.id, left, queue))), to);
      level.forEach((task, index) => jobs.set(task.id, { array, index, task }));
      to.log.info(`  job array ${array.job}: ${counted(level.length, 'job')} (level ${i + 1} of ${levels.length})`);
    }
  } catch (error) {
    if (error instanceof SlurmError) throw new UserError(refusal(error));
    throw error;
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

/** An array waits for what was just submitted, and for what was on its way before. */
function isStillNeeded(id: string, left: readonly Task[], queue: Queue): boolean {
  if (left.some((task) => task.id === id)) return true;
  const state = queue.status(id)?.state;
  return state === 'waiting' || state === 'running';
}

function submitArray(array: JobArray, needed: readonly string[], { options }: Submitter): Promise<string> {
  const script = scriptOf(array.folder, options.setup);
  writeFileSync(join(array.folder, 'script.sh'), script); // for people: Slurm keeps its own
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

/** As Slurm takes them: `12_3`, each once. */
export function numbersOf(jobs: readonly Job[]): string[] {
  const numbers = jobs.flatMap(({ array, index }) => (array.job === undefined ? [] : [`${array.job}_${index}`]));
  return [...new Set(numbers)];
}

function asked(options: SlurmOptions): Record<string, string> {
  const plain = Object.entries(options).filter(([, value]) => ['string', 'number'].includes(typeof value));
  return Object.fromEntries(plain.map(([name, value]) => [name, String(value)]));
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, i) => each === b[i]);
}
