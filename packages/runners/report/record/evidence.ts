import type { Intervals } from '../../evaluation/intervals.ts';
import type { Results } from '../../evaluation/results.ts';
import type { Evidence, Lead } from '../claims/judge.ts';

/** What a run knows about how far its methods are apart: paired differences over the same images. */
export function evidenceOf(
  { columns, rows, tooFew = [] }: Pick<Results, 'columns' | 'rows' | 'tooFew'>,
  intervals: Intervals,
): Evidence {
  const valueOf = (method: string, name: string) => {
    const row = rows.find((each) => each.method === method);
    return row?.values[columns.findIndex((column) => column.name === name)] ?? NaN;
  };
  return {
    columns,
    tooFew,
    methods: rows.map(({ method }) => method),
    lead({ name, better }, method, other): Lead | undefined {
      const [ahead, behind] = better === 'higher' ? [method, other] : [other, method];
      const value = intervals.meanDifference(ahead, behind, name) ?? valueOf(ahead, name) - valueOf(behind, name);
      if (!Number.isFinite(value)) return undefined;
      return { value, interval: intervals.difference(ahead, behind, name) };
    },
  };
}
