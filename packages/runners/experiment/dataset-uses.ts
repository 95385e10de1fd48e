import { datasets } from '@dualprior/blocks';
import type { DatasetUse, Experiment } from '@dualprior/core';
import { dataOf } from '../stages/stage-facts.ts';
import { stages } from '../stages/stage.ts';

/** The data sets that a stage is trained and validated on, as trackers show them. Errors: those of `Experiment.identity`. */
export function dataOfStage(experiment: Experiment, stage: string): DatasetUse[] {
  const { data, validation } = stages.about(experiment.entry('stages', stage));
  return [
    ...dataOf(data).map((use) => useOf(experiment, use.data, 'train')),
    ...dataOf(validation).map((use) => useOf(experiment, use.data, 'validation')),
  ];
}

/** The test images, where there is an evaluation. Errors: those of `Experiment.identity`. */
export function testData(experiment: Experiment): DatasetUse[] {
  const { evaluation } = experiment.config;
  return evaluation ? [useOf(experiment, evaluation.data, 'test')] : [];
}

/** All data sets of an experiment, each once in each role. Errors: those of `Experiment.identity`. */
export function allData(experiment: Experiment): DatasetUse[] {
  const uses = [...experiment.entries('stages').keys()].flatMap((stage) => dataOfStage(experiment, stage));
  const unique = new Map([...uses, ...testData(experiment)].map((use) => [`${use.role} ${use.name}`, use]));
  return [...unique.values()];
}

function useOf(experiment: Experiment, name: string, role: DatasetUse['role']): DatasetUse {
  return {
    name,
    digest: experiment.identity('data', name, 0), // with any seed of the experiment the images are the same: they have their own
    role,
    source: sourceOf(experiment, name),
    options: JSON.stringify(experiment.entry('data', name)),
  };
}

/** Where the images come from, also those that are of another data set. */
function sourceOf(experiment: Experiment, name: string): string {
  const facts = datasets.about(experiment.entry('data', name));
  return 'of' in facts ? sourceOf(experiment, facts.of) : (facts.files[0] ?? '');
}
