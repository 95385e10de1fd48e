import type { Experiment } from '@dualprior/core';
import { stages } from '../../stages/stage.ts';

/** Whether a method depends on a stage that trains what restores images against a discriminator. */
export function isGenerative(experiment: Experiment, method: string): boolean {
  const behind = experiment.stagesBehind('methods', method);
  return [...behind].some((stage) => stages.about(experiment.entry('stages', stage)).generative === true);
}
