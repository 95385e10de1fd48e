import { setTimeout as sleep } from 'node:timers/promises';
import { counted } from '@dualprior/core';
import type { Shown } from '../../console/board.ts';
import type { LaunchContext, Task, TaskEnd } from '../launcher.ts';
import type { JobArray } from './job-array.ts';
import { lastLine, tailOf } from './reason.ts';
import { lookIfAnswered, problemOf, type Queue } from './status.ts';

/** ms between two looks at the queue, where something has just changed and where nothing does. */
const PAUSE = { first: 1_000, last: 10_000 };
/** A job that Slurm has forgotten may have written its end on another machine: it is gone when it is not seen so many times. */
const LOOKS = 3;

/** Waits for the jobs of tasks, shows how they continue, and keeps how they ended. */
export class Collector {
  readonly ends = new Map<string, TaskEnd>();
  readonly #unseen = new Map<string, number>();
  readonly #running = new Set<string>();
  readonly #arrays = new Map<string, JobArray>();
  readonly #board: Shown;
  #isLost = false;
  #changed = false;

  /** @param root folder of the job arrays */
  constructor(
    private readonly tasks: readonly Task[],
    private readonly root: string,
    private readonly context: LaunchContext,
  ) {
    this.#board = context.console.board();
  }

  /** Until all have ended. Errors: that of the signal, and the jobs continue; those of `Queue.look`. */
  async collect(): Promise<TaskEnd[]> {
    const { console, signal } = this.context;
    try {
      for (let pause = PAUSE.first; ; pause = this.#changed ? PAUSE.first : Math.min(pause * 1.5, PAUSE.last)) {
        this.#changed = false;
        const queue = await lookIfAnswered(this.root, (said) => this.#lost(said), this.#arrays);
        if (queue) await this.#look(queue);
        if (this.ends.size === this.tasks.length) return this.tasks.map(({ id }) => this.ends.get(id)!);
        await sleep(pause, undefined, { signal });
      }
    } catch (error) {
      if (signal.aborted) console.info('  The jobs continue.');
      throw error;
    } finally {
      this.#board.stop();
    }
  }

  #lost(said: string): void {
    if (!this.#isLost) {
      this.context.console.warn(
        `Slurm's controller (slurmctld) does not answer: ${said}\n  Jobs that run continue; it is asked again and again.`,
      );
    }
    this.#isLost = true;
  }

  async #look(queue: Queue): Promise<void> {
    if (this.#isLost) this.context.console.info("  Slurm's controller answers again");
    this.#isLost = false;
    const reasons: string[] = [];
    for (const task of this.tasks.filter(({ id }) => !this.ends.has(id))) {
      const job = queue.jobs.get(task.id)!;
      const status = queue.statusOf(job);
      const log = job.array.log(job.index);
      switch (status.state) {
        case 'waiting':
          reasons.push(status.reason);
          this.#waits(task, status.reason);
          break;
        case 'running':
          this.#runs(task, status.node, lastLine(tailOf(log)));
          break;
        case 'gone':
          if (this.#isUnseen(task)) this.#ended(task, await problemOf(job, status), undefined, log);
          break;
        case 'ended':
          this.#ended(task, status.end.problem, status.end.document, log);
      }
    }
    if (reasons.length === 0) this.#board.remove('queue');
    else this.#board.set('queue', `waiting: ${counted(reasons.length, 'job')} (${[...new Set(reasons)].join(', ')})`);
  }

  #waits(task: Task, reason: string): void {
    if (!this.#running.delete(task.id)) return;
    this.context.console.info(`  ${task.label} waits again (${reason}) and continues later`);
    this.#board.remove(task.label);
  }

  #runs(task: Task, node: string, said: string | undefined): void {
    this.#unseen.delete(task.id);
    if (said !== undefined) this.#board.set(task.label, said);
    if (this.#running.has(task.id)) return;
    this.#running.add(task.id);
    this.#changed = true;
    this.context.console.info(`  ${task.label} runs${node === '' ? '' : ` on ${node}`}`);
  }

  #isUnseen(task: Task): boolean {
    const looks = (this.#unseen.get(task.id) ?? 0) + 1;
    this.#unseen.set(task.id, looks);
    this.#changed = true;
    return looks >= LOOKS;
  }

  #ended(task: Task, problem: string | undefined, document: unknown, log: string): void {
    const { console } = this.context;
    this.#changed = true;
    this.#board.remove(task.label);
    const told = problem === undefined ? undefined : `${problem} (${log})`;
    this.ends.set(task.id, { task, problem: told, document });
    if (told === undefined) console.info(`  ${task.label} has ended (${this.ends.size} of ${this.tasks.length})`);
    else console.warn(`${task.label} failed: ${told}`);
  }
}
