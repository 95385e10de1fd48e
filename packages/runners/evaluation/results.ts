import type { Column } from '@dualprior/blocks';

/** One row of the table: a method and its means, in the order of the columns. */
export interface Row {
  readonly method: string;
  readonly values: readonly number[];
}

/** The comparison: `rows[0]` is `input`, the degraded image itself. */
export interface Results {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** What was compared on what, for the line under the table. */
  readonly note: string;
}

/** Index of the best row of each column among the methods (the row `input` does not compete), or undefined if there is none. */
export function bestRows({ columns, rows }: Results): (number | undefined)[] {
  return columns.map(({ better }, c) => {
    let best: number | undefined;
    rows.forEach(({ method, values }, r) => {
      const value = values[c]!;
      if (method === INPUT || !Number.isFinite(value)) return;
      const leader = best === undefined ? undefined : rows[best]!.values[c]!;
      if (leader === undefined || (better === 'higher' ? value > leader : value < leader)) best = r;
    });
    return best;
  });
}

export const INPUT = 'input';
