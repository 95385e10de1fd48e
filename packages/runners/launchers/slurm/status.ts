import { existsSync } from 'node:fs';
import { sacct, squeue, SlurmError, type QueuedJob } from './commands.ts';
import { JobArray, lastJobs, type Job, type JobEnd } from './job-array.ts';
import { tailOf, whyEnded } from './reason.ts';

/** How a job is: it waits or runs, has ended by its own word, or is gone without one. */
type JobStatus =
  | { readonly state: 'waiting'; readonly reason: string }
  | { readonly state: 'running'; readonly node: string }
  | { readonly state: 'ended'; readonly end: JobEnd }
  | { readonly state: 'gone'; readonly last: string | undefined };

/** States in which Slurm does nothing more for a job. */
const OVER = new Set(
  'BOOT_FAIL CANCELLED COMPLETED DEADLINE FAILED NODE_FAIL OUT_OF_MEMORY PREEMPTED REVOKED TIMEOUT'.split(' '),
);
const WAITING = new Set(['PENDING', 'REQUEUED', 'REQUEUE_HOLD', 'REQUEUE_FED', 'SPECIAL_EXIT']);

/** All that was submitted below a folder, and what Slurm says of it. */
export class Queue {
  private constructor(
    /** The last job of each task, by the task's id. */
    readonly jobs: ReadonlyMap<string, Job>,
    private readonly queued: ReadonlyMap<string, QueuedJob>,
  ) {}

  /**
   * Errors: `SlurmError` where Slurm does not answer; `UserError` where a file is damaged or there is no squeue.
   * @param known as of `JobArray.all`
   */
  static async look(root: string, known?: Map<string, JobArray>): Promise<Queue> {
    const arrays = JobArray.all(root, known);
    const queued = arrays.length === 0 ? [] : await squeue();
    for (const array of arrays) {
      // Submitted by a process that was killed before it could write that down.
      const own = queued.find(({ name }) => name === array.name);
      if (own && array.job === undefined) array.job = own.array;
    }
    return new Queue(lastJobs(arrays), new Map(queued.map((job) => [`${job.name} ${job.index}`, job])));
  }

  /** What is known without Slurm. Errors: `UserError` where a file is damaged. */
  static unanswered(root: string): Queue {
    return new Queue(lastJobs(JobArray.all(root)), new Map());
  }

  /** Undefined for a task that was never submitted. */
  status(id: string): JobStatus | undefined {
    const job = this.jobs.get(id);
    return job && this.statusOf(job);
  }

  /** The jobs that wait or run, by the task's id. */
  get active(): Map<string, Job> {
    return new Map([...this.jobs].filter(([, job]) => ['waiting', 'running'].includes(this.statusOf(job).state)));
  }

  /** The job of a task, if it waits. */
  waiting(id: string): Job | undefined {
    return this.status(id)?.state === 'waiting' ? this.jobs.get(id) : undefined;
  }

  statusOf({ array, index }: Job): JobStatus {
    const end = array.end(index);
    if (end) return { state: 'ended', end };
    const queued = this.queued.get(`${array.name} ${index}`) ?? this.queued.get(`${array.name} -1`);
    if (!queued || OVER.has(queued.state)) return { state: 'gone', last: queued?.state };
    if (WAITING.has(queued.state)) return { state: 'waiting', reason: queued.reason };
    return { state: 'running', node: queued.node };
  }
}

/** The same, or undefined while slurmctld does not answer. Errors: as of `Queue.look`. */
export async function lookIfAnswered(
  root: string,
  lost: (said: string) => void,
  known?: Map<string, JobArray>,
): Promise<Queue | undefined> {
  try {
    return await Queue.look(root, known);
  } catch (error) {
    if (!(error instanceof SlurmError) || !error.isLost) throw error;
    lost(error.said);
    return undefined;
  }
}

/** Whether a task need not be done again: it ended well, and what it left is there. */
export function isDone(job: Job, status: JobStatus): boolean {
  return status.state === 'ended' && status.end.problem === undefined && existsSync(job.task.leaves);
}

/** Why a job has no result; undefined where it has one or may still get it. */
export async function problemOf({ array, index }: Job, status: JobStatus): Promise<string | undefined> {
  if (status.state === 'ended') return status.end.problem;
  if (status.state !== 'gone') return undefined;
  const { job } = array;
  const state = status.last ?? (job === undefined ? undefined : await sacct(`${job}_${index}`));
  if (job === undefined && state === undefined) return 'it was not submitted; the same command submits it';
  return whyEnded(tailOf(array.log(index)), state, array.submission.asked);
}

/** Jobs as Slurm takes them, `12_3`; without those that were not submitted. */
export function numbersOf(jobs: readonly Job[]): string[] {
  const numbers = jobs.flatMap(({ array, index }) => (array.job === undefined ? [] : [`${array.job}_${index}`]));
  return [...new Set(numbers)];
}
