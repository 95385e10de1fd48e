import { ConfigError, type ComponentSpec, type Experiment, type Finding } from '@dualprior/core';
import { stageExtractors } from './stage-extractors.ts';

/**
 * No metric may see with an extractor that a network was trained to please: its numbers would praise what they were made for. That holds for
 * the metrics by which stages choose their result as well.
 * Errors: all metrics that do.
 */
export function checkExtractors(experiment: Experiment): void {
  const stages = [...experiment.entries('stages').keys()].map((name) => ({
    name,
    ...stageExtractors(experiment, name),
  }));
  const trainedWith = new Map(
    stages.flatMap(({ name, ofLosses }) => ofLosses.map(({ type }) => [type, name] as const)),
  );
  const check = (place: string, seers: readonly ComponentSpec[]) =>
    seers.flatMap((extractor): Finding[] => {
      const stage = trainedWith.get(extractor.type);
      if (stage === undefined) return [];
      const message =
        `${place} sees with "${extractor.type}", and so does a loss of stages.${stage}: ` +
        'its numbers would favour what they trained. Give one of them another extractor.';
      return [{ place: experiment.origin(extractor), message }];
    });
  const findings = [
    ...[...experiment.entries('metrics').keys()].flatMap((name) =>
      check(`metrics.${name}`, experiment.components('metrics', name, 'features')),
    ),
    ...stages.flatMap(({ name, ofMetric }) => check(`The metric of stages.${name}`, ofMetric)),
  ];
  if (findings.length > 0) throw new ConfigError(findings);
}
