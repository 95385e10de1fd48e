import { counted, UserError, type Engine } from '@dualprior/core';
import type { Console } from '../console/console.ts';
import type { StageFolder } from '../store/stage-folder.ts';
import { actionFor, folderIfKnown, stagesInOrder } from './plan.ts';
import type { StoredStages } from '../store/stored-stages.ts';

/**
 * On how many threads a run computes: those that the stage which it will continue with was started on, as its digits depend on them, else what the
 * experiment says. Undefined: as the machine suggests.
 */
export function threadsOf(stages: StoredStages, console: Pick<Console, 'info' | 'warn'>): number | undefined {
  const { threads: asked } = stages.experiment.config.runtime;
  for (const name of stagesInOrder(stages.experiment)) {
    const folder = folderIfKnown(stages, name);
    if (!folder || actionFor(folder) !== 'resume') continue;
    const { threads } = folder.record;
    if (threads === undefined) continue;
    if (asked !== undefined && asked !== threads) {
      console.warn(
        `runtime.threads is ${asked}, but stage ${name} was started on ${counted(threads, 'thread')} and continues with them.`,
      );
    }
    return threads;
  }
  return asked;
}

/**
 * Notes on how many threads a stage is started. Errors: `UserError` if it was started on another number of threads.
 */
export function fixThreads(
  name: string,
  folder: StageFolder,
  { device, threads }: Pick<Engine, 'device' | 'threads'>,
): void {
  if (device !== 'cpu') return;
  const begun = folder.record.threads;
  if (actionFor(folder) === 'train') {
    if (begun !== threads) folder.update({ threads });
    return;
  }
  if (begun === undefined || begun === threads) return;
  throw new UserError(
    `Stage ${name} was started on ${counted(begun, 'thread')}, but this process computes on ${threads}. The same command continues with it.`,
  );
}
