import { basename } from 'node:path';
import { weightsOf } from '@dualprior/blocks';
import { weightsFileOf, type Experiment } from '@dualprior/core';

/** Networks of rows that begin with the weights of a file: what their makers trained them on, no column counts. */
export function givenWeights(experiment: Experiment): string[] {
  const given = networksOfRows(experiment).flatMap((name) => {
    const { file, part } = weightsFileOf(weightsOf(experiment.entry('networks', name))) ?? {};
    if (file === undefined) return [];
    return [`${name} (${basename(file)}${part === undefined ? '' : `, its part ${part}`})`];
  });
  if (given.length === 0) return [];
  return [
    `Starts from given weights: ${given.join(', ')}. The images that those were trained on are not counted in this table.`,
  ];
}

/** The networks that a row restores with, or that a stage behind it uses, in the order of the file. */
function networksOfRows(experiment: Experiment): string[] {
  const rows = [...experiment.entries('methods').keys()];
  const behind = new Set(rows.flatMap((row) => [...experiment.stagesBehind('methods', row)]));
  const references = [
    ...rows.flatMap((row) => experiment.references('methods', row)),
    ...[...behind].flatMap((stage) => experiment.references('stages', stage)),
  ];
  const used = new Set(references.flatMap(({ section, name }) => (section === 'networks' ? [name] : [])));
  return [...experiment.entries('networks').keys()].filter((name) => used.has(name));
}
