import { join } from 'node:path';
import type { Experiment, Sweep, Variant } from '@dualprior/core';
import type { Task } from '../launchers/launcher.ts';
import { stagesInOrder } from '../experiment/plan.ts';
import { defaultRunDirectory } from '../experiment/run.ts';
import { openStore } from '../experiment/session.ts';
import { runsFolderOf } from '../store/places.ts';
import { runName } from '../store/run-directory.ts';
import { StoredStages } from '../store/stored-stages.ts';

/** For display: `width=16 · seed 1`; the experiment itself is `base`. */
export function labelOf({ name, experiment }: Variant, { seeds }: Sweep): string {
  return [name || 'base', ...(seeds.length > 1 ? [`seed ${experiment.seed}`] : [])].join(' · ');
}

/** What all experiments of a sweep are started with. */
export interface Start {
  /** The file and flags of `yarn experiment`. */
  readonly parameters: readonly string[];
  /** Folder of the runs; that of the experiment's file if absent (`runsFolderOf`). Of a single experiment, its run directory. */
  readonly runs?: string | undefined;
  /** Directory of the sweep that trackers show, if one does. */
  readonly partOf?: string | undefined;
}

/** Where a sweep keeps what is of no single run: logs, and what the launcher needs. Of a single experiment, its run directory. */
export function sweepFolder({ base, variants }: Sweep, runs: string | undefined): string {
  if (runs !== undefined) return runs;
  if (variants.length === 1) return defaultRunDirectory(base);
  return trackedFolder(base, runs);
}

/** The run directory of a sweep itself, which trackers show. */
export function trackedFolder(base: Experiment, runs: string | undefined): string {
  return join(runs ?? runsFolderOf(base.file), `${base.name}-sweep-${base.hash}`);
}

function runDirectory(experiment: Experiment, sweep: Sweep, runs: string | undefined): string | undefined {
  return runs === undefined || sweep.variants.length === 1 ? runs : join(runs, runName(experiment));
}

/** The task that trains what is left of a variant and evaluates it. */
export function wholeTask(
  variant: Variant,
  sweep: Sweep,
  { parameters, runs, partOf }: Start,
  needs: readonly string[] = [],
): Task {
  const { experiment } = variant;
  const folder = runDirectory(experiment, sweep, runs);
  const own = folder === undefined ? [] : ['--run-dir', folder];
  const member = partOf === undefined ? [] : ['--part-of', partOf];
  return {
    id: runName(experiment),
    label: labelOf(variant, sweep),
    needs,
    parameters: [...parameters, '--only', experiment.name, ...own, ...member],
    leaves: join(folder ?? defaultRunDirectory(experiment), 'experiment.yaml'),
  };
}

/**
 * A task for each stage of a sweep that is not trained yet, and one for each evaluation. A stage that several variants have is one task: it is trained
 * once. Errors: `ConfigError` for a file or folder that a stage depends on and that cannot be read.
 */
export function stageTasks(sweep: Sweep, start: Start): Task[] {
  const isRetrained = start.parameters.includes('--retrain');
  const tasks = new Map<string, Task>();
  const whole: Task[] = [];
  for (const variant of sweep.variants) {
    const { experiment } = variant;
    const stored = new StoredStages(experiment, openStore(experiment));
    const id = (stage: string) => `${stage}-${experiment.identity('stages', stage)}`;
    for (const stage of stagesInOrder(experiment)) {
      const folder = stored.find(stage);
      if (tasks.has(id(stage)) || (folder.record.complete && !isRetrained)) continue;
      tasks.set(id(stage), {
        id: id(stage),
        label: `${labelOf(variant, sweep)} · stage ${stage}`,
        needs: experiment.stagesBefore('stages', stage).map(id),
        parameters: [...start.parameters, '--only', experiment.name, '--stage', stage],
        leaves: folder.path,
      });
    }
    whole.push(wholeTask(variant, sweep, start, [...experiment.entries('stages').keys()].map(id)));
  }
  const all = [...tasks.values(), ...whole];
  return all.map((task) => ({ ...task, needs: task.needs.filter((each) => tasks.has(each)) }));
}
