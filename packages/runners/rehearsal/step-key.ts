import { parseNetworkReference, type Experiment } from '@dualprior/core';

/**
 * Equal for stages of which a step takes the same time: the same options, images and networks. Neither seeds count, nor how the networks came by their
 * weights.
 */
export function stepKey(experiment: Experiment, stage: string): string {
  const names = [...experiment.entries('stages').keys()];
  const unseeded = experiment.with({ seed: 0, stageSeeds: Object.fromEntries(names.map((name) => [name, 0])) });
  const { seed: _seed, ...options } = unseeded.entry('stages', stage) as unknown as Record<string, unknown>;
  const data = unseeded
    .references('stages', stage)
    .flatMap(({ section, name }) => (section === 'data' ? [unseeded.identity('data', name)] : []));
  const networks = [...unseeded.networkRoles('stages', stage)].map(([role, text]) => {
    const { network } = parseNetworkReference(text);
    return [role, network, unseeded.entry('networks', network)];
  });
  return JSON.stringify([options, data, networks, experiment.config.runtime]);
}
