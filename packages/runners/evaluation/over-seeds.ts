import type { Column } from '@dualprior/blocks';
import { showMetric } from './table.ts';

/** Mean and standard deviation (of a sample) over seeds. */
export interface OverSeeds {
  readonly mean: number;
  /** Undefined for one seed. */
  readonly deviation: number | undefined;
}

/** Summarises at least one value. */
export function overSeeds(values: readonly number[]): OverSeeds {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length === 1) return { mean, deviation: undefined };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}

/** `28.51 ± 0.12`, as tables show it. */
export function showValue(value: OverSeeds | undefined, column: Column): string {
  if (!value) return '–';
  const { mean, deviation } = value;
  const parts = deviation === undefined ? [mean] : [mean, deviation];
  return parts.map((part) => showMetric(part, column)).join(' ± ');
}
