import { ConfigError, type ComponentSpec, type Experiment, type Finding } from '@dualprior/core';

/**
 * No metric may see with an extractor that a network was trained to please: its numbers would praise what they were made for.
 * Errors: all metrics that do.
 */
export function checkExtractors(experiment: Experiment): void {
  const trainedWith = new Map<string, string>();
  for (const [name, stage] of experiment.entries('stages')) {
    for (const { type } of extractorsIn(stage)) trainedWith.set(type, name);
  }
  const findings = [...experiment.entries('metrics')].flatMap(([name, metric]): Finding[] =>
    extractorsIn(metric).flatMap((extractor) => {
      const stage = trainedWith.get(extractor.type);
      if (stage === undefined) return [];
      const message =
        `metrics.${name} sees with "${extractor.type}", and so does a loss of stages.${stage}: ` +
        'its numbers would favour what they trained. Give one of them another extractor.';
      return [{ place: experiment.origin(metric), message }];
    }),
  );
  if (findings.length > 0) throw new ConfigError(findings);
}

/** The feature extractors in a component's options, however deep. */
function extractorsIn(node: unknown): ComponentSpec[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]: [string, unknown]) => {
    const inside = extractorsIn(value);
    return key === 'features' && isComponent(value) ? [value, ...inside] : inside;
  });
}

function isComponent(value: unknown): value is ComponentSpec {
  return typeof value === 'object' && value !== null && 'type' in value;
}
