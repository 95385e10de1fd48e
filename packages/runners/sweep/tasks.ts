import { join } from 'node:path';
import type { Sweep, Variant } from '@dualprior/core';
import type { Task } from '../launchers/launcher.ts';
import { stagesInOrder } from '../experiment/plan.ts';

/** For people: `width=16 · seed 1`; the experiment itself is `base`. */
export function labelOf({ name, experiment }: Variant, { seeds }: Sweep): string {
  return [name || 'base', ...(seeds.length > 1 ? [`seed ${experiment.seed}`] : [])].join(' · ');
}

/** What all experiments of a sweep are started with. */
export interface Start {
  /** The file and flags of `yarn experiment`. */
  readonly parameters: readonly string[];
  /** Folder of the runs; that of the experiment's file if absent (`runsFolderOf`). */
  readonly runs?: string | undefined;
  /** Directory of the sweep that trackers show, if one does. */
  readonly partOf?: string | undefined;
}

/** The task that trains what is left of a variant and evaluates it. */
export function wholeTask(
  variant: Variant,
  sweep: Sweep,
  { parameters, runs, partOf }: Start,
  needs: readonly string[] = [],
): Task {
  const { name, hash } = variant.experiment;
  const folder = runs === undefined ? [] : ['--run-dir', join(runs, `${name}-${hash}`)];
  const member = partOf === undefined ? [] : ['--part-of', partOf];
  const own = [...parameters, '--only', name, ...folder, ...member];
  return { id: name, label: labelOf(variant, sweep), needs, parameters: own };
}

/**
 * A task for each stage of a sweep, and one for each evaluation. A stage that several variants have is one task: it is trained once.
 * Errors: `ConfigError` for a file or folder that a stage depends on and that cannot be read.
 */
export function stageTasks(sweep: Sweep, start: Start): Task[] {
  const tasks = new Map<string, Task>();
  const whole: Task[] = [];
  for (const variant of sweep.variants) {
    const { experiment } = variant;
    const id = (stage: string) => experiment.identity('stages', stage);
    for (const stage of stagesInOrder(experiment)) {
      if (tasks.has(id(stage))) continue;
      tasks.set(id(stage), {
        id: id(stage),
        label: `${labelOf(variant, sweep)} · stage ${stage}`,
        needs: experiment.stagesBefore('stages', stage).map(id),
        parameters: [...start.parameters, '--only', experiment.name, '--stage', stage],
      });
    }
    whole.push(wholeTask(variant, sweep, start, [...experiment.entries('stages').keys()].map(id)));
  }
  return [...tasks.values(), ...whole];
}
