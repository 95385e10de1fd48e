import type { Experiment } from '@dualprior/core';
import type { Cost } from '../../evaluation/results.ts';
import type { StageHistory } from './stage-history.ts';

/** The stages behind a method, also those behind others of them, each once, in the order of the experiment. */
export function stagesBehind(experiment: Experiment, method: string): string[] {
  const behind = experiment.stagesBehind('methods', method);
  return [...experiment.entries('stages').keys()].filter((name) => behind.has(name));
}

/** What a method's row cost, summed over the stages behind it. */
export function costOf(
  experiment: Experiment,
  method: string,
  parameters: number,
  histories: ReadonlyMap<string, StageHistory>,
): Cost {
  const behind = stagesBehind(experiment, method).map((name) => histories.get(name));
  const images = behind.map((history) => imagesSeen(history));
  return {
    parameters,
    images: images.includes(undefined) ? undefined : images.reduce((sum: number, each) => sum + each!, 0),
    seconds: behind.reduce((sum, history) => sum + (history?.seconds ?? 0), 0),
  };
}

/** Training images that a stage has seen, counting repeats. */
export function imagesSeen(history: Pick<StageHistory, 'batch' | 'iterations'> | undefined): number | undefined {
  return history?.batch === undefined ? undefined : Math.round(history.batch * history.iterations);
}
