import { basename } from 'node:path';
import { UserError, type Experiment } from '@dualprior/core';
import type { StageFolder } from '../store/stage-folder.ts';
import type { StoredStages } from '../store/stored-stages.ts';
import { topological } from './topological.ts';

export type Action = 'train' | 'resume' | 'reuse';

/** What a run will do with one stage. */
export interface PlannedStage {
  readonly name: string;
  /** Name of its folder in the store. */
  readonly hash: string;
  readonly folder: StageFolder;
  readonly action: Action;
}

/** The stages in the order in which they must run, and what is left to do for each. */
export function plan(stages: StoredStages): PlannedStage[] {
  return stagesInOrder(stages.experiment).map((name) => {
    const folder = stages.find(name);
    return { name, hash: basename(folder.path), folder, action: actionFor(folder) };
  });
}

/** Names of the stages that are not trained yet, or for which that is unknown, in the order of `plan`. */
export function leftToTrain(stages: StoredStages): string[] {
  return stagesInOrder(stages.experiment).filter((name) => {
    const folder = folderIfKnown(stages, name);
    return folder === undefined || actionFor(folder) !== 'reuse';
  });
}

/** The names of all stages, each behind those that it depends on. */
export function stagesInOrder(experiment: Experiment): string[] {
  const names = [...experiment.entries('stages').keys()];
  return topological(names, (name) => experiment.stagesBefore('stages', name));
}

/** Where a stage is or would be; undefined where a file or folder that it depends on is missing. */
export function folderIfKnown(stages: StoredStages, name: string): StageFolder | undefined {
  try {
    return stages.find(name);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** Errors: `UserError` for a stage that an older version began. */
export function actionFor(folder: StageFolder): Action {
  if (folder.record.complete) return 'reuse';
  return folder.progress ? 'resume' : 'train';
}
