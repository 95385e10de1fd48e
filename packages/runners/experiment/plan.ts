import { type Experiment } from '@dualprior/core';
import type { StageFolder } from '../store/stage-folder.ts';
import type { Store } from '../store/store.ts';
import { topological } from './topological.ts';

export type Action = 'train' | 'resume' | 'reuse';

/** What a run will do with one stage. */
export interface PlannedStage {
  readonly name: string;
  readonly hash: string;
  readonly folder: StageFolder;
  readonly action: Action;
}

/** The stages in the order in which they must run, and what is left to do for each. */
export function plan(experiment: Experiment, store: Store): PlannedStage[] {
  const names = [...experiment.entries('stages').keys()];
  return topological(names, (name) => experiment.stagesBefore('stages', name)).map((name) => {
    const hash = experiment.identity('stages', name);
    const folder = store.find(hash);
    return { name, hash, folder, action: actionFor(folder) };
  });
}

export function actionFor(folder: StageFolder): Action {
  if (folder.record.complete) return 'reuse';
  return folder.started ? 'resume' : 'train';
}
