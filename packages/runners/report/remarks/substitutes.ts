import type { ComponentSpec, Experiment } from '@dualprior/core';
import { stageExtractors } from '../../experiment/stage-extractors.ts';

const SUBSTITUTE = /-substitute$/;

/** Which losses and metrics see with another extractor than the official one. */
export function substitutes(experiment: Experiment): string[] {
  const users = new Map<string, string[]>();
  const add = (user: string, extractors: readonly ComponentSpec[]) => {
    const types = extractors.map(({ type }) => type).filter((type) => SUBSTITUTE.test(type));
    for (const type of new Set(types)) users.set(type, [...(users.get(type) ?? []), user]);
  };
  for (const name of experiment.entries('stages').keys()) {
    const { ofLosses, ofMetric } = stageExtractors(experiment, name);
    add(`the losses of ${name}`, ofLosses);
    add(`the quality of ${name}`, ofMetric);
  }
  for (const name of experiment.entries('metrics').keys()) {
    add(`the metric ${name}`, experiment.components('metrics', name, 'features'));
  }
  return [...users].map(
    ([type, names]) =>
      `${type} stands in the place of an official feature extractor in ${list(names)}: such numbers are comparable within this table only.`,
  );
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
