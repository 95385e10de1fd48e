import { setTimeout as sleep } from 'node:timers/promises';
import { basename, join } from 'node:path';
import type { Static } from '@sinclair/typebox';
import { counted, exclusively, Interrupted, spelled, UserError } from '@dualprior/core';
import { gpuFlag, threadsFlag } from './flags.ts';
import { launchers, type LaunchContext, type Launcher, type Task, type TaskEnd } from './launcher.ts';
import { SlurmError } from './slurm/commands.ts';
import { gpuCount, SLURM_OPTIONS, wrongOptions } from './slurm/options.ts';
import { lastLine, tailOf } from './slurm/reason.ts';
import { checkCluster, refusal } from './slurm/refusal.ts';
import { isDone, lookIfAnswered, problemOf, Queue } from './slurm/status.ts';
import { leftToSubmit, submit } from './slurm/submit.ts';

/** Where a launch keeps its job arrays, below its folder. */
export const ARRAYS = 'jobs';

/** ms between two looks at the queue, where something has just changed and where nothing does. */
const PAUSE = { first: 1_000, last: 15_000 };
/** A job that Slurm has forgotten may have written its end on another machine: it is gone when it is not seen so many times. */
const LOOKS = 3;

/**
 * Job arrays of Slurm, one for each level of the graph of tasks. The process that submits them may leave: the same command finds them again, waits for
 * them and collects their results.
 */
@launchers.component({ type: 'slurm', description: 'job arrays of a Slurm cluster', options: SLURM_OPTIONS })
export class SlurmLauncher implements Launcher {
  readonly processes = Infinity;

  constructor(private readonly options: Static<typeof SLURM_OPTIONS>) {
    const wrong = wrongOptions(options);
    if (wrong !== undefined) throw new UserError(wrong);
  }

  async run(plain: readonly Task[], context: LaunchContext): Promise<TaskEnd[]> {
    const root = join(context.folder, ARRAYS);
    const tasks = plain.map((task) => ({ ...task, parameters: [...task.parameters, ...this.#flags(task)] }));
    await exclusively(join(root, 'lock'), () => this.#submit(tasks, root, context), {
      onWait: () => context.console.info('  waits for another process that submits the same'),
      signal: context.signal,
    });
    return collect(tasks, root, context);
  }

  async #submit(tasks: readonly Task[], root: string, { console, folder }: LaunchContext): Promise<void> {
    const { options } = this;
    const queue = await asked(() => Queue.look(root));
    const left = leftToSubmit(tasks, queue);
    const before = tasks.length - left.length;
    if (before > 0) console.info(`  ${counted(before, 'job')} of before: done, or on the way`);
    if (left.length === 0) return;
    if (gpuCount(options.gpus) > 1) {
      console.warn(`launcher.gpus is ${options.gpus}, but a stage computes on one GPU: the others do nothing.`);
    }
    await asked(() => checkCluster(options));
    const name = basename(folder).replaceAll(/[^\w.-]+/g, '-');
    await submit(tasks, queue, { root, name, options, log: console });
    console.info(`  ${spelled(`jobs ${folder}`)} shows and cancels them. You may leave (Ctrl-C): they go on, and the same command collects them.`);
  }

  #flags(task: Task): string[] {
    const { cpus, gpus } = this.options;
    return [...(cpus === undefined ? [] : threadsFlag(cpus)), ...(gpus === undefined ? [] : gpuFlag(task))];
  }
}

/** Waits until all tasks have ended. Errors: `Interrupted`, and the jobs go on. */
async function collect(tasks: readonly Task[], root: string, { console, signal }: LaunchContext): Promise<TaskEnd[]> {
  const ends = new Map<string, TaskEnd>();
  const unseen = new Map<string, number>();
  const running = new Set<string>();
  const board = console.board();
  let lost = false;
  const onLost = (said: string) => {
    if (!lost) console.warn(`Slurm's controller (slurmctld) does not answer: ${said}. The jobs go on; asks again.`);
    lost = true;
  };
  const finish = (task: Task, problem: string | undefined, document: unknown, log: string) => {
    ends.set(task.id, { task, problem: problem && `${problem} (${log})`, document });
    board.remove(task.label);
    if (problem === undefined) console.info(`  ${task.label} has ended (${ends.size} of ${tasks.length})`);
    else console.warn(`${task.label} failed: ${problem} (${log})`);
  };
  try {
    for (let pause = PAUSE.first; ; pause = Math.min(pause * 1.5, PAUSE.last)) {
      const queue = await asked(() => lookIfAnswered(root, onLost));
      if (queue && lost) {
        console.info("  Slurm's controller answers again");
        lost = false;
      }
      const waiting: string[] = [];
      for (const task of queue ? tasks.filter(({ id }) => !ends.has(id)) : []) {
        const job = queue!.jobs.get(task.id)!;
        const log = job.array.log(job.index);
        const status = queue!.statusOf(job);
        if (status.state === 'gone' && (unseen.get(task.id) ?? 0) < LOOKS - 1) {
          unseen.set(task.id, (unseen.get(task.id) ?? 0) + 1);
          pause = PAUSE.first;
        } else if (status.state === 'ended' || status.state === 'gone') {
          const document = status.state === 'ended' ? status.end.document : undefined;
          finish(task, await problemOf(job, status), document, log);
          pause = PAUSE.first;
        } else {
          unseen.delete(task.id);
          if (status.state === 'waiting') waiting.push(status.reason);
          else board.set(task.label, lastLine(tailOf(log)) ?? `begins on ${status.node}`);
          if (status.state === 'running' && !running.has(task.id)) console.info(`  ${task.label} runs on ${status.node}`);
          if (status.state === 'running') running.add(task.id);
          else if (running.delete(task.id)) console.info(`  ${task.label} waits again (${status.reason}): it goes on later`);
        }
      }
      if (ends.size === tasks.length) return tasks.map(({ id }) => ends.get(id)!);
      if (waiting.length > 0) board.set('queue', `${counted(waiting.length, 'job')} wait (${[...new Set(waiting)].join(', ')})`);
      else board.remove('queue');
      await sleep(pause, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    console.info('  The jobs go on.');
    throw new Interrupted();
  } finally {
    board.stop();
  }
}

/** What Slurm answers; what it refuses becomes an error for users. */
async function asked<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof SlurmError) throw new UserError(refusal(error));
    throw error;
  }
}
