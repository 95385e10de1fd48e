import { Random } from '@dualprior/core';
import type { Column } from '@dualprior/blocks';
import type { Results } from '../../evaluation/results.ts';
import type { Evidence, Lead } from '../claims/judge.ts';
import type { PerImage } from './measurements.ts';

const RESAMPLES = 2000;
/** What is left out on each side of a 95 % interval. */
const TAIL = 0.025;

/** What a run knows about how far its methods are apart: paired differences over the same images where a column has a value an image. */
export function evidenceOf(results: Results, perImage: ReadonlyMap<string, PerImage>): Evidence {
  const { columns, rows } = results;
  const leads = new Map<string, Lead | undefined>();
  const valuesOf = (column: Column, method: string) => perImage.get(method)?.columns.get(column.name);
  const meanOf = (column: Column, method: string) => {
    const row = rows.find((each) => each.method === method);
    return row?.values[columns.indexOf(column)] ?? NaN;
  };
  return {
    columns,
    methods: rows.map(({ method }) => method),
    lead(column, method, other) {
      const key = JSON.stringify([column.name, method, other]);
      if (!leads.has(key)) {
        const sign = column.better === 'higher' ? 1 : -1;
        const value = sign * (meanOf(column, method) - meanOf(column, other));
        const [a, b] = [valuesOf(column, method), valuesOf(column, other)];
        const differences = a && b && a.length === b.length ? a.map((each, i) => sign * (each - b[i]!)) : undefined;
        const lead = Number.isFinite(value) ? { value, interval: differences && bootstrap(differences) } : undefined;
        leads.set(key, lead);
      }
      return leads.get(key);
    },
  };
}

/** The percentile bootstrap of the mean of values; undefined for a single one. The same for the same values. */
function bootstrap(values: readonly number[]): readonly [number, number] | undefined {
  if (values.length < 2) return undefined;
  const stream = new Random(0).stream('paired differences', values.length);
  const means = Float64Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[stream.integer(values.length)]!;
    return sum / values.length;
  }).sort();
  return [means[Math.floor(TAIL * RESAMPLES)]!, means[Math.ceil((1 - TAIL) * RESAMPLES) - 1]!];
}
