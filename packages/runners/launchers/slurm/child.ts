import { rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Interrupted } from '@dualprior/core';
import { inExperimentProcess, type ProcessEnd } from '../experiment-process.ts';
import { requeue, SlurmError, stateOf } from './commands.ts';
import { JobArray, lastJobs, type Job } from './job-array.ts';

// A job of an array: does its task, and writes how that ended beside its log. Where its time ends before, it has Slurm start it again.

/** How long an end that another machine has written may take to be seen here, in ms. */
const LATE = 10_000;
const LOOK = 500;

const { array, index, task } = ownJob();
const controller = new AbortController();
process.on('SIGTERM', () => controller.abort());
process.exitCode = await main();

function ownJob(): Job {
  const folder = process.argv[2]!;
  const found = JobArray.read(dirname(folder), basename(folder));
  const number = Number(process.env['SLURM_ARRAY_TASK_ID']);
  return { array: found, index: number, task: found.tasks[number]! };
}

async function main(): Promise<number> {
  rmSync(array.endFile(index), { force: true }); // of a job that someone has started over
  const failed = await failedNeed();
  if (failed !== undefined) return end({ problem: `not begun: ${failed} failed` });
  try {
    const done = await inExperimentProcess(task, {
      env: { INIT_CWD: array.submission.cwd },
      signal: controller.signal,
    });
    if (done.killed && !controller.signal.aborted) return 137; // Slurm knows why: it says so when the job has ended
    return end(done);
  } catch (error) {
    if (error instanceof Interrupted) return interrupted();
    throw error;
  }
}

function end({ problem, document }: { problem: string | undefined; document?: ProcessEnd['document'] }): number {
  array.writeEnd(index, problem === undefined ? { document: document ?? null } : { problem, document: null });
  return problem === undefined ? 0 : 1;
}

/** The label of a task that had to end well before and has not. */
async function failedNeed(): Promise<string | undefined> {
  const jobs = lastJobs(JobArray.all(dirname(array.folder)));
  for (const need of task.needs.flatMap((id) => jobs.get(id) ?? [])) {
    const until = Date.now() + LATE;
    let ended = need.array.end(need.index);
    for (; !ended && Date.now() < until; ended = need.array.end(need.index)) await sleep(LOOK);
    if (!ended || ended.problem !== undefined) return need.task.label;
  }
  return undefined;
}

/**
 * The state is saved. A job that still runs was warned that its time ends: it starts over. One that was cancelled or made way for another one
 * is Slurm's.
 */
async function interrupted(): Promise<number> {
  const job = `${process.env['SLURM_ARRAY_JOB_ID']}_${index}`;
  try {
    if (!array.end(index) && (await stateOf(job)) === 'RUNNING') await requeue(job); // an end: it was cancelled
  } catch (error) {
    // Slurm ends every process of a job that it cancels or requeues, often before scontrol has answered: what happens to the job is Slurm's.
    if (error instanceof SlurmError && error.wasKilled) return 130;
    const { message } = error as Error;
    return end({
      problem: `its time ended, and it could not be queued again (${message}); the same command continues`,
    });
  }
  return 130;
}
