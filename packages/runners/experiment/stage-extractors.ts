import type { ComponentSpec, Experiment } from '@dualprior/core';

export interface StageExtractors {
  /** What its losses see with. */
  readonly ofLosses: readonly ComponentSpec[];
  /** What the metric by which it chooses its result sees with. */
  readonly ofMetric: readonly ComponentSpec[];
}

/** The feature extractors in the options of a stage. */
export function stageExtractors(experiment: Experiment, name: string): StageExtractors {
  const ofLosses = experiment.components('stages', name, 'features', 'metric');
  const all = experiment.components('stages', name, 'features');
  return { ofLosses, ofMetric: all.filter((extractor) => !ofLosses.includes(extractor)) };
}
