import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { didYouMean, UserError } from '@dualprior/core';
import { scancel } from './commands.ts';
import { type Job } from './job-array.ts';
import { lastLine, tailOf } from './reason.ts';
import { forUsers } from './refusal.ts';
import { lookIfAnswered, numbersOf, problemOf, Queue } from './status.ts';

/** Where a launch keeps its job arrays. @param folder of the launch */
export function arraysOf(folder: string): string {
  return join(folder, 'jobs');
}

/** What `yarn jobs --json` says of a job. */
export interface JobOverview {
  /** The id of the task. */
  readonly id: string;
  readonly label: string;
  /** Slurm's number, `12_3`; null where it was not submitted. */
  readonly job: string | null;
  /** `unknown`: Slurm does not answer, and the job itself has said nothing. */
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'unknown';
  /** Why it waits or has failed, where it runs, or what it said last; empty for one that is done. */
  readonly about: string;
  readonly log: string;
}

/** All jobs of a launch, the last one of each task. Errors: `UserError` for a folder without; those of `Queue.look`, but a controller that does not answer is reported to `lost`. */
export function overview(folder: string, lost: (said: string) => void): Promise<JobOverview[]> {
  const root = rootOf(folder);
  return forUsers(async () => {
    const queue = await lookIfAnswered(root, lost);
    const known = queue ?? Queue.unanswered(root);
    return Promise.all([...known.jobs.values()].map((job) => describe(job, known, queue !== undefined)));
  });
}

async function describe(job: Job, queue: Queue, answered: boolean): Promise<JobOverview> {
  const { array, index, task } = job;
  const status = queue.statusOf(job);
  const log = array.log(index);
  const about = { id: task.id, label: task.label, job: numbersOf([job])[0] ?? null, log };
  if (status.state === 'waiting') return { ...about, state: status.state, about: status.reason };
  if (status.state === 'running') return { ...about, state: status.state, about: lastLine(tailOf(log)) ?? status.node };
  if (status.state === 'gone' && !answered) return { ...about, state: 'unknown', about: lastLine(tailOf(log)) ?? '' };
  const problem = await problemOf(job, status);
  return { ...about, state: problem === undefined ? 'done' : 'failed', about: problem ?? '' };
}

const CANCELLED = { problem: 'it was cancelled; the same command submits it again', document: null };

/** Cancels what waits or runs. Returns how many that were. Errors: as of `overview`. */
export function cancelAll(folder: string): Promise<number> {
  const root = rootOf(folder);
  return forUsers(async () => {
    const queue = await Queue.look(root);
    const active = [...queue.active.values()];
    await scancel(numbersOf(active));
    for (const { array, index } of active) if (!array.end(index)) array.writeEnd(index, CANCELLED); // Slurm soon forgets
    return active.length;
  });
}

/** Finds the jobs of a stage (by its name), or of one task (by its label). Errors: `UserError` if there are none. */
export function jobsNamed(name: string, jobs: readonly JobOverview[]): JobOverview[] {
  const found = jobs.filter(({ id, label }) => label === name || id === name || stageOf(label) === name);
  if (found.length > 0) return found;
  const names = [...new Set(jobs.map(({ label }) => stageOf(label) ?? label))];
  const hint = didYouMean(name, names);
  throw new UserError(`--logs: no job is called "${name}"${hint ? ` (${hint})` : ''}. There are ${names.join(', ')}.`);
}

function stageOf(label: string): string | undefined {
  return / · stage (\S+)$/.exec(label)?.[1];
}

function rootOf(folder: string): string {
  const root = arraysOf(folder);
  if (existsSync(root)) return root;
  const above = dirname(folder);
  const hint = existsSync(arraysOf(above)) ? ` Those of its sweep are in ${above}.` : '';
  throw new UserError(`${folder} has no jobs: the launcher slurm has submitted none from there.${hint}`);
}
