import { basename } from 'node:path';
import { parameterCount } from '@dualprior/blocks';
import { parseNetworkReference, showValue } from '@dualprior/core';
import type { Chosen, TrainedWeights } from './trained-weights.ts';

/** What users must know about exported weights of a run, in Markdown. */
export function modelCard(chosen: Chosen, file: string): string {
  const [{ experiment }] = chosen;
  const data = [...new Set(chosen.flatMap(dataOf))];
  return [
    `# ${experiment.name}: ${chosen.map(({ reference }) => reference).join(', ')}`,
    '',
    ...chosen.flatMap(architecture),
    `- **Trained by**: dualprior, experiment \`${experiment.name}\` (${experiment.hash}), seed ${experiment.seed}, ${stagesOf(chosen)}`,
    `- **Data**: ${data.join('; ') || 'see the experiment'}`,
    '',
    ...metricsTable(chosen),
    '## Use',
    '',
    ...use(chosen, basename(file)),
    '',
    ...loading(file),
    '## Licence',
    '',
    'The licences of the training data, and of weights that the training began with, may restrict the use of these weights.',
    '',
  ].join('\n');
}

/** The values by column of each method of the run's table that uses one of the networks. */
export function metricsOf(chosen: readonly TrainedWeights[]): TrainedWeights['metrics'] {
  return Object.assign({}, ...chosen.map(({ metrics }) => metrics)) as TrainedWeights['metrics'];
}

function architecture({ spec, network }: TrainedWeights): string[] {
  const { type, ...options } = spec;
  const settings = Object.entries(options).map(([name, value]) => `${name}: ${showValue(value, Infinity)}`);
  return [
    `- **Architecture**: \`${type}\` with ${settings.join(', ') || 'no options'}`,
    `- **Parameters**: ${parameterCount(network).toLocaleString('en')}`,
  ];
}

/** The stages with their iterations. */
function stagesOf(chosen: Chosen): string {
  const words = chosen.map(({ reference, iterations }) => {
    const trained = iterations === undefined ? '' : `, ${iterations.toLocaleString('en')} iterations`;
    return `stage \`${reference.split('.')[0]!}\`${trained}`;
  });
  return [...new Set(words)].join('; ');
}

/** How the file is used here, and whose names its tensors have. */
function use(chosen: Chosen, file: string): string[] {
  const codes = [...new Set(chosen.map(({ officialCode }) => officialCode))];
  const official = codes.filter((code) => code !== undefined);
  const isSingle = chosen.length === 1;
  const part = parseNetworkReference(chosen[0].reference).network;
  return [
    isSingle
      ? `In dualprior: \`{weights: ${file}}\` as an entry of \`networks\`.`
      : `In dualprior: \`{weights: {file: ${file}, part: ${part}}}\` as an entry of \`networks\`.`,
    '',
    official.length < codes.length
      ? 'No official code has this network: the names are those of dualprior.'
      : `In Python: names, shapes and element types are those of the official code, ${official.join(', ')}, ${isSingle ? 'without a prefix' : 'each network below its name here'}.`,
  ];
}

/** The data sets that the stage names. */
function dataOf({ experiment, reference }: TrainedWeights): string[] {
  const [stage] = reference.split('.');
  const names = experiment.references('stages', stage!).filter(({ section }) => section === 'data');
  return [...new Set(names.map(({ name }) => `\`${name}\` (${experiment.entry('data', name).type})`))];
}

function metricsTable(chosen: Chosen): string[] {
  const [{ experiment }] = chosen;
  const methods = Object.entries(metricsOf(chosen));
  if (methods.length === 0) return [];
  const columns = Object.keys(methods[0]![1]);
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    `## Results on \`${experiment.config.evaluation?.data ?? 'test'}\``,
    '',
    row(['method', ...columns]),
    row(['---', ...columns.map(() => '---')]),
    ...methods.map(([method, values]) => row([method, ...columns.map((name) => values[name]!.toPrecision(5))])),
    '',
  ];
}

function loading(file: string): string[] {
  const isTorch = file.endsWith('.pth');
  return [
    '```python',
    isTorch ? 'import torch' : 'from safetensors.torch import load_file',
    isTorch
      ? `state_dict = torch.load("${basename(file)}", weights_only=True)`
      : `state_dict = load_file("${basename(file)}")`,
    '```',
    '',
  ];
}
