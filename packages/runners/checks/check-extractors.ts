import { ConfigError, type Experiment, type Finding } from '@dualprior/core';

/**
 * No metric may see with an extractor that a network was trained to please: its numbers would praise what they were made for.
 * Errors: all metrics that do.
 */
export function checkExtractors(experiment: Experiment): void {
  const trainedWith = new Map<string, string>();
  for (const name of experiment.entries('stages').keys()) {
    for (const { type } of experiment.components('stages', name, 'features', 'metric')) trainedWith.set(type, name);
  }
  const findings = [...experiment.entries('metrics')].flatMap(([name, metric]): Finding[] =>
    experiment.components('metrics', name, 'features').flatMap((extractor) => {
      const stage = trainedWith.get(extractor.type);
      if (stage === undefined) return [];
      const message =
        `metrics.${name} sees with "${extractor.type}", and so does a loss of stages.${stage}: ` +
        'its numbers would favour what they trained. Give one of them another feature extractor.';
      return [{ place: experiment.origin(extractor) ?? experiment.origin(metric), message }];
    }),
  );
  if (findings.length > 0) throw new ConfigError(findings);
}
