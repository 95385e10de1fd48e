import { basename } from 'node:path';
import { weightsOf } from '@dualprior/blocks';
import { weightsFileOf, type Experiment } from '@dualprior/core';

/** Networks that begin with the weights of a file: what their makers trained them on, no column counts. */
export function givenWeights(experiment: Experiment): string[] {
  const given = [...experiment.entries('networks')].flatMap(([name, spec]) => {
    const { file, part } = weightsFileOf(weightsOf(spec)) ?? {};
    if (file === undefined) return [];
    return [`${name} (${basename(file)}${part === undefined ? '' : `, its part ${part}`})`];
  });
  if (given.length === 0) return [];
  return [
    `Starts from given weights: ${given.join(', ')}. The images that those were trained on are not counted in this table.`,
  ];
}
