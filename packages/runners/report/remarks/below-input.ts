import type { Experiment } from '@dualprior/core';
import { INPUT, type Results } from '../../evaluation/results.ts';
import { showMetric } from '../../evaluation/table.ts';
import { isGenerative } from './generative.ts';
import { list } from './list.ts';

/** Generative rows that are worse than the degraded images themselves, with the columns in which they are: a line for all of them. */
export function belowInput(experiment: Experiment, { columns, rows }: Pick<Results, 'columns' | 'rows'>): string[] {
  const input = rows.find(({ method }) => method === INPUT);
  if (!input) return [];
  const methods = experiment.entries('methods');
  const worse = rows.flatMap(({ method, values }) => {
    if (!methods.has(method) || !isGenerative(experiment, method)) return [];
    const found = columns.flatMap((column, c) => {
      const [own, before] = [values[c]!, input.values[c]!];
      const isWorse = column.better === 'higher' ? own < before : own > before;
      return isWorse ? [`${column.name} (${showMetric(own, column)} against ${showMetric(before, column)})`] : [];
    });
    return found.length > 0 ? [`${method} in ${list(found)}`] : [];
  });
  return worse.length > 0 ? [`Worse than the degraded input: ${worse.join('; ')}.`] : [];
}
