import type { ComponentSpec, Experiment } from '@dualprior/core';

/** Stages that chose their result with an extractor that metrics of the table see with as well, a line each. */
export function chosenCheckpoints(experiment: Experiment): string[] {
  return [...experiment.entries('stages')].flatMap(([name, { quality }]) => {
    if (quality === undefined) return [];
    const { metric } = quality as { readonly metric: ComponentSpec };
    const { type: extractor } = metric['features'] as ComponentSpec;
    const same = [...experiment.entries('metrics').keys()].filter((each) =>
      experiment.components('metrics', each, 'features').some(({ type }) => type === extractor),
    );
    if (same.length === 0) return [];
    const see = same.length > 1 ? 'see' : 'sees';
    return [
      `Stage ${name} gave the checkpoint whose images are nearest to its training images by ${metric.type} of ${extractor}, with which ${same.join(' and ')} of this table ${see} as well.`,
    ];
  });
}
