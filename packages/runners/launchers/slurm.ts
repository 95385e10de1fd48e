import { basename, join } from 'node:path';
import type { Static } from '@sinclair/typebox';
import { counted, exclusively, Interrupted, spelled, UserError } from '@dualprior/core';
import { gpuFlag, threadsFlag } from './flags.ts';
import { launchers, type LaunchContext, type Launcher, type Task, type TaskEnd } from './launcher.ts';
import { Collector } from './slurm/collect.ts';
import { gpuCount, SLURM_OPTIONS, wrongOptions } from './slurm/options.ts';
import { arraysOf } from './slurm/overview.ts';
import { checkCluster, forUsers } from './slurm/refusal.ts';
import { Queue } from './slurm/status.ts';
import { leftToSubmit, submit } from './slurm/submit.ts';

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

  async run(tasks: readonly Task[], context: LaunchContext): Promise<TaskEnd[]> {
    const root = arraysOf(context.folder);
    const own = tasks.map((task) => ({ ...task, parameters: [...task.parameters, ...this.#flags(task)] }));
    const { console, signal } = context;
    const onWait = () => console.info('  waits for another process that submits the same');
    try {
      return await forUsers(async () => {
        await exclusively(join(root, 'lock'), () => this.#submit(own, root, context), { onWait, signal });
        return new Collector(own, root, context).collect();
      });
    } catch (error) {
      throw signal.aborted ? new Interrupted() : error;
    }
  }

  async #submit(tasks: readonly Task[], root: string, { console, folder }: LaunchContext): Promise<void> {
    const { options } = this;
    const queue = await Queue.look(root);
    const left = leftToSubmit(tasks, queue);
    const before = tasks.length - left.length;
    if (before > 0) console.info(`  ${counted(before, 'job')} from before: done or on the way`);
    if (left.length === 0) return;
    if (gpuCount(options.gpus) > 1) {
      console.warn(`launcher.gpus is ${options.gpus}, but a stage computes on one GPU: the others would be idle.`);
    }
    await checkCluster(options);
    const name = basename(folder).replaceAll(/[^\w.-]+/g, '-');
    await submit(left, queue, { root, name, options, log: console });
    const jobs = spelled(`jobs ${folder}`);
    console.info(`  ${jobs} shows and cancels them. Ctrl-C leaves them running; the same command collects them.`);
  }

  #flags(task: Task): string[] {
    const { cpus, gpus } = this.options;
    return [...(cpus === undefined ? [] : threadsFlag(cpus)), ...(gpus === undefined ? [] : gpuFlag(task))];
  }
}
