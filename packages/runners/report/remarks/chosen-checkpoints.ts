import { features, metrics } from '@dualprior/blocks';
import { componentsIn, type Experiment } from '@dualprior/core';
import { stages } from '../../stages/stage.ts';

/** Stages that chose their result by a column of the table, or with a feature extractor that its metrics use as well; a line each. */
export function chosenCheckpoints(experiment: Experiment): string[] {
  return [...experiment.entries('stages')].flatMap(([name, spec]) => {
    const { selection } = stages.about(spec);
    if (!selection) return [];
    if ('entry' in selection) {
      return [
        `Stage ${name} returned the checkpoint with the best ${selection.entry} of its validation images, which is a metric of this table.`,
      ];
    }
    const { metric } = selection;
    return componentsIn(metrics.name, metric, features.name).flatMap(({ type: extractor }) => {
      const same = [...experiment.entries('metrics').keys()].filter((each) =>
        experiment.components('metrics', each, features.name).some(({ type }) => type === extractor),
      );
      if (same.length === 0) return [];
      const use = same.length > 1 ? 'use' : 'uses';
      return [
        `Stage ${name} returned the checkpoint whose images are nearest to its training images by ${metric.type} of ${extractor}, which ${same.join(' and ')} of this table ${use} as well.`,
      ];
    });
  });
}
