import { features } from '@dualprior/blocks';
import type { Experiment } from '@dualprior/core';
import { list } from './list.ts';

/**
 * Metrics that use a feature extractor which a loss uses as well, a line for each extractor: their values favour the methods that were trained to please it, so that
 * these compare with each other only. (What a stage is merely measured with is no loss.)
 */
export function sharedExtractors(experiment: Experiment): string[] {
  const users = new Map<string, string[]>();
  for (const metric of experiment.entries('metrics').keys()) {
    const used = experiment.components('metrics', metric, features.name).map(({ type }) => type);
    for (const type of new Set(used)) users.set(type, [...(users.get(type) ?? []), metric]);
  }
  return [...users].flatMap(([type, metrics]) => {
    const stages = [...experiment.entries('stages').keys()].filter((stage) => trainsWith(experiment, stage, type));
    if (stages.length === 0) return [];
    const favoured = [...experiment.entries('methods').keys()].filter((method) =>
      [...experiment.stagesBehind('methods', method)].some((stage) => stages.includes(stage)),
    );
    return [
      `The metric${metrics.length > 1 ? 's' : ''} ${list(metrics)} and losses of ${list(stages)} use the same feature extractor, ` +
        `${type}: it favours ${favoured.length > 0 ? list(favoured) : 'what depends on them'}.`,
    ];
  });
}

function trainsWith(experiment: Experiment, stage: string, type: string): boolean {
  return experiment.components('stages', stage, features.name, 'metric').some((extractor) => extractor.type === type);
}
