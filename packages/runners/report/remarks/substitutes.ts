import { features } from '@dualprior/blocks';
import type { Experiment } from '@dualprior/core';
import { list } from './list.ts';

/** Which losses and metrics see with another extractor than the official one. */
export function substitutes(experiment: Experiment): string[] {
  const users = new Map<string, string[]>();
  for (const [section, word] of [
    ['stages', 'the losses of'],
    ['metrics', 'the metric'],
  ] as const) {
    for (const name of experiment.entries(section).keys()) {
      const outside = section === 'stages' ? 'metric' : undefined;
      const extractors = experiment.components(section, name, features.name, outside);
      const types = extractors.filter((each) => features.about(each).substitute).map(({ type }) => type);
      for (const type of new Set(types)) {
        users.set(type, [...(users.get(type) ?? []), `${word} ${name}`]);
      }
    }
  }
  return [...users].map(
    ([type, names]) =>
      `${type} stands in the place of an official feature extractor in ${list(names)}: such numbers are comparable within this table only.`,
  );
}
