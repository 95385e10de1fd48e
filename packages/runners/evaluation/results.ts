import type { Column } from '@dualprior/blocks';

/** What a row of the table cost. */
export interface Cost {
  /** The number of learned parameters of the method's networks (`parameterCount`). */
  readonly parameters: number;
  /** Training images that the stages behind it have seen, counting repeats, over all of them; undefined where a stage does not say. */
  readonly images: number | undefined;
  /** Seconds that these stages were trained. */
  readonly seconds: number;
}

/** One row of the table: a method and its means, in the order of the columns. */
interface Row {
  readonly method: string;
  readonly values: readonly number[];
  /** By column, images whose value is infinite, and which the mean leaves out; columns without any are absent. */
  readonly infinite?: Readonly<Record<string, number>>;
  /** Absent for the row `input`. */
  readonly cost?: Cost;
}

/** The comparison: `rows[0]` is `input`, the degraded image itself. */
export interface Results {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** What was compared on what, for the line under the table. */
  readonly note: string;
  /** What a reader must know beside that: substitutes, departures from the paper; a sentence each. */
  readonly remarks?: readonly string[];
  /** Names of the columns that so few images put far off: no claim is decided by them. */
  readonly tooFew?: readonly string[];
}

/** The columns in which a row has infinite values, in their order. */
export function columnsWithInfinite({ columns, rows }: Pick<Results, 'columns' | 'rows'>): string[] {
  return columns.map(({ name }) => name).filter((name) => rows.some(({ infinite }) => infinite?.[name]));
}

/** What a reader must know of columns with infinite values, a sentence each. */
export function infiniteRemarks(results: Pick<Results, 'columns' | 'rows'>): string[] {
  return columnsWithInfinite(results).map((name) => {
    const counts = results.rows.flatMap(({ method, infinite }) => {
      const count = infinite?.[name];
      return count ? [`${count} of ${method}`] : [];
    });
    const { infiniteOf = 'images that equal the sharp one' } = results.columns.find((column) => column.name === name)!;
    return `${name} leaves out ${infiniteOf}, of which it is infinite: ${counts.join(', ')}.`;
  });
}

/**
 * Index of the best row of each column among the methods, or undefined if there is none. The row `input` does not compete, nor does a method
 * that is worse than it.
 */
export function bestRows(results: Results): (number | undefined)[] {
  return rankings(results).map(([best]) => best);
}

/** Index of the second best row of each column among the methods, or undefined if there is none. */
export function secondRows(results: Results): (number | undefined)[] {
  return rankings(results).map(([, second]) => second);
}

/** For each column the indices of the methods' rows, best first, without values that are not finite or worse than the input's. */
function rankings({ columns, rows }: Results): number[][] {
  return columns.map(({ better }, c) => {
    const sign = better === 'higher' ? -1 : 1;
    const value = (r: number): number => sign * rows[r]!.values[c]!;
    const input = rows.findIndex(({ method }) => method === INPUT);
    const isWorse = (r: number) => input >= 0 && Number.isFinite(value(input)) && value(r) > value(input);
    return [...rows.keys()]
      .filter((r) => r !== input && Number.isFinite(value(r)) && !isWorse(r))
      .sort((a, b) => value(a) - value(b));
  });
}

export const INPUT = 'input';
