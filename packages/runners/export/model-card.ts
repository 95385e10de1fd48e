import { basename } from 'node:path';
import { parameterCount } from '@dualprior/blocks';
import { showValue } from '@dualprior/core';
import type { TrainedWeights } from './trained-weights.ts';

/** What users must know about exported weights, in Markdown. */
export function modelCard(trained: TrainedWeights, file: string): string {
  const { reference, experiment, spec, network, iterations, officialCode } = trained;
  const { type, ...options } = spec;
  const settings = Object.entries(options).map(([name, value]) => `${name}: ${showValue(value, Infinity)}`);
  return [
    `# ${experiment.name}: ${reference}`,
    '',
    `- **Architecture**: \`${type}\` with ${settings.join(', ') || 'no options'}`,
    `- **Parameters**: ${parameterCount(network).toLocaleString('en')}`,
    `- **Trained by**: dualprior, experiment \`${experiment.name}\` (${experiment.hash}), seed ${experiment.seed}, stage \`${reference.split('.')[0]!}\`` +
      (iterations === undefined ? '' : `, ${iterations.toLocaleString('en')} iterations`),
    `- **Data**: ${dataOf(trained).join('; ') || 'see the experiment'}`,
    '',
    ...metricsTable(trained),
    '## Use',
    '',
    `In dualprior: \`{weights: ${basename(file)}}\` as an entry of \`networks\`.`,
    '',
    officialCode === undefined
      ? 'No official code has this network: the names are those of dualprior.'
      : `In Python: names, shapes and element types are those of the official code, ${officialCode}, without a prefix.`,
    '',
    ...loading(file),
    '## Licence',
    '',
    'The licences of the training data, and of weights that the training began with, may restrict the use of these weights.',
    '',
  ].join('\n');
}

/** The data sets that the stage names. */
function dataOf({ experiment, reference }: TrainedWeights): string[] {
  const [stage] = reference.split('.');
  const names = experiment.references('stages', stage!).filter(({ section }) => section === 'data');
  return [...new Set(names.map(({ name }) => `\`${name}\` (${experiment.entry('data', name).type})`))];
}

function metricsTable({ metrics, experiment }: TrainedWeights): string[] {
  const methods = Object.entries(metrics);
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
