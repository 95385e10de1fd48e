import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';

type Cell = string | number;

/** Characters that make a spreadsheet take a text for a formula (as csv-stringify has them). */
const FORMULA = /^'(?=[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20])/;

/**
 * A table as CSV. A text that a spreadsheet would run as a formula gets a `'` before it, for names of files are chosen by others (CWE-1236);
 * numbers stay as they are.
 */
export function toCsvText(rows: readonly (readonly Cell[])[]): string {
  return stringify(rows as Cell[][], { escape_formulas: true });
}

/** The cells of such a table, with the texts as they were. */
export function parseCsv(text: Buffer | string): string[][] {
  return (parse(text) as string[][]).map((row) => row.map((cell) => cell.replace(FORMULA, '')));
}
