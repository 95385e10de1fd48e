import { join } from 'node:path';
import { Type, type Static } from '@sinclair/typebox';
import { inExperimentProcess } from './experiment-process.ts';
import { gpuFlag, threadsFlag } from './flags.ts';
import { checkGpus } from './gpus.ts';
import { inOrder } from './in-order.ts';
import { launchers, type LaunchContext, type Launcher, type Task, type TaskEnd } from './launcher.ts';

const Options = Type.Object({
  processes: Type.Integer({
    minimum: 1,
    maximum: 256,
    default: 1,
    description: 'number of stages that are trained in parallel',
  }),
  threads: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1024,
      description: 'threads of each process; default: as many as there are cores',
    }),
  ),
  gpus: Type.Optional(
    Type.Array(Type.Integer({ minimum: 0, maximum: 1023 }), {
      minItems: 1,
      description: 'indices of GPUs, one process each (CUDA_VISIBLE_DEVICES); replaces `processes`',
    }),
  ),
});

/** Processes on this machine. One at a time writes to the console as it runs; several write a log each, and the console shows their stages. */
@launchers.component({ type: 'local', description: 'processes on this machine', options: Options })
export class LocalLauncher implements Launcher {
  readonly processes: number;

  constructor(private readonly options: Static<typeof Options>) {
    this.processes = options.gpus?.length ?? options.processes;
  }

  async run(tasks: readonly Task[], { console, folder, signal }: LaunchContext): Promise<TaskEnd[]> {
    const { gpus, threads } = this.options;
    if (gpus) checkGpus(gpus);
    const board = console.board();
    let done = 0;
    const ends = inOrder(tasks, this.processes, async (task, slot) => {
      const log = this.processes > 1 ? join(folder, 'logs', `${task.id}.log`) : undefined;
      console.heading(`${task.label}${log === undefined ? '' : ' begins'}`);
      const env = gpus === undefined ? {} : { CUDA_VISIBLE_DEVICES: String(gpus[slot]) };
      const told = (line: string) => {
        if (/^(Stage|warning:)/.test(line)) console.info(`  [${task.label}] ${line}`);
        else board.set(task.label, line.trim());
      };
      const own = [...(threads === undefined ? [] : threadsFlag(threads)), ...(gpus ? gpuFlag(task) : [])];
      const parameters = [...task.parameters, ...own];
      const end = await inExperimentProcess({ ...task, parameters }, { env, log, told, signal });
      done += 1;
      board.remove(task.label);
      if (end.problem !== undefined) console.warn(`${task.label} failed: ${end.problem}`);
      else if (log !== undefined) console.info(`  ${task.label} has ended (${done} of ${tasks.length})`);
      return end;
    });
    return ends.finally(() => board.stop());
  }
}
