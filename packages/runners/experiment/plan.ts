import { UserError, type Experiment } from '@dualprior/core';
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
  return stagesInOrder(experiment).map((name) => {
    const hash = experiment.identity('stages', name);
    const folder = store.find(hash);
    return { name, hash, folder, action: actionFor(folder) };
  });
}

/** Names of the stages that are not trained yet, or of which that cannot be told, in the order of `plan`. */
export function leftToTrain(experiment: Experiment, store: Store): string[] {
  return stagesInOrder(experiment).filter((name) => {
    const hash = identityIfThere(experiment, name);
    return hash === null || actionFor(store.find(hash)) !== 'reuse';
  });
}

/** The names of all stages, each behind those that it stands on. */
export function stagesInOrder(experiment: Experiment): string[] {
  const names = [...experiment.entries('stages').keys()];
  return topological(names, (name) => experiment.stagesBefore('stages', name));
}

/** What a stage is known by; null where a file or folder that it depends on is missing. */
export function identityIfThere(experiment: Experiment, stage: string): string | null {
  try {
    return experiment.identity('stages', stage);
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

/** Errors: `UserError` for a stage that an older version began. */
export function actionFor(folder: StageFolder): Action {
  if (folder.record.complete) return 'reuse';
  return folder.progress ? 'resume' : 'train';
}
