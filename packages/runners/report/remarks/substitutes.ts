import { features } from '@dualprior/blocks';
import type { Experiment } from '@dualprior/core';
import { list } from './list.ts';

/** Which losses and metrics use another extractor than the official one: a line for all of them. */
export function substitutes(experiment: Experiment): string[] {
  const [losses, metrics] = (['stages', 'metrics'] as const).map((section) => usersIn(experiment, section));
  const types = [...new Set([...losses!.keys(), ...metrics!.keys()])];
  const users = types.map((type) => {
    const [stages, columns] = [losses!.get(type) ?? [], metrics!.get(type) ?? []];
    const parts = [
      ...(stages.length > 0 ? [`the losses of ${list(stages)}`] : []),
      ...(columns.length > 0 ? [`the metric${columns.length > 1 ? 's' : ''} ${list(columns)}`] : []),
    ];
    return { type, where: parts.join(' and ') };
  });
  const [only] = users;
  if (!only) return [];
  const end = 'such values are comparable within this table only.';
  if (users.length === 1) return [`${only.type} stands in for an official feature extractor in ${only.where}: ${end}`];
  const each = users.map(({ type, where }) => `${type} in ${where}`);
  return [`Substitutes stand in for official feature extractors (${each.join('; ')}): ${end}`];
}

/** Type of a substitute -> names of the entries that use it. What stages are merely measured with is no loss. */
function usersIn(experiment: Experiment, section: 'stages' | 'metrics'): Map<string, string[]> {
  const users = new Map<string, string[]>();
  for (const name of experiment.entries(section).keys()) {
    const outside = section === 'stages' ? 'metric' : undefined;
    const extractors = experiment.components(section, name, features.name, outside);
    const types = extractors.filter((each) => features.about(each).substitute).map(({ type }) => type);
    for (const type of new Set(types)) users.set(type, [...(users.get(type) ?? []), name]);
  }
  return users;
}
