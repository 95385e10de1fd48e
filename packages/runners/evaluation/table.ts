import { colorsOf } from '../console/colors.ts';
import { duration } from '../console/duration.ts';
import { count } from './count.ts';
import { toCsvText } from './csv.ts';
import { infiniteColumn } from '../inference/finite-mean.ts';
import { bestRows, columnsWithInfinite, type Results } from './results.ts';

const pc = colorsOf(process.stdout);

/** Lines below the table in a terminal. */
const MOST_NOTES = 10;

/** `results.csv`: one row per method, full precision; last, the counts of infinite values of each column that has some. */
export function toCsv(results: Results): string {
  const counted = columnsWithInfinite(results);
  return toCsvText([
    ['method', ...results.columns.map(({ name }) => name), ...counted.map(infiniteColumn)],
    ...results.rows.map(({ method, values, infinite }) => [
      method,
      ...values,
      ...counted.map((name) => infinite?.[name] ?? 0),
    ]),
  ]);
}

/** `table.md`: the best value of each column in bold, and what each method cost. */
export function toMarkdown(results: Results): string {
  const cells = formatted(results, (text) => `**${text}**`);
  const [head, ...body] = cells.map((row) => `| ${row.join(' | ')} |`);
  const rule = `|---|${'---:|'.repeat(cells[0]!.length - 1)}`;
  const remarks = results.remarks?.length ? `\n${results.remarks.map((remark) => `- ${remark}\n`).join('')}` : '';
  return `${[head, rule, ...body].join('\n')}\n\n${results.note}\n${remarks}`;
}

/** The table for a terminal: aligned, the best value of each column marked with a star and in bold. */
export function toText(results: Results): string {
  const plain = formatted(results, (text) => `${text}*`);
  const widths = plain[0]!.map((_, c) => Math.max(...plain.map((row) => row[c]!.length)));
  const lines = plain.map((row, r) =>
    row
      .map((cell, c) => {
        const padded = c === 0 ? cell.padEnd(widths[c]!) : cell.replace(/[^*]$/, '$& ').padStart(widths[c]! + 1);
        return r === 0 || cell.endsWith('*') ? pc.bold(padded) : padded;
      })
      .join('  ')
      .trimEnd(),
  );
  const rule = '─'.repeat(widths.reduce((sum, width) => sum + width + 3, -2));
  const star = plain.some((row) => row.some((cell) => cell.endsWith('*'))) ? '* best of the methods. ' : '';
  const notes = shortened([`${star}${results.note}`, ...(results.remarks ?? []).map((remark) => `- ${remark}`)]);
  return [lines[0], rule, ...lines.slice(1), rule, ...notes.map(pc.dim)].join('\n');
}

function shortened(notes: readonly string[]): readonly string[] {
  if (notes.length <= MOST_NOTES) return notes;
  const shown = notes.slice(0, MOST_NOTES - 1);
  return [...shown, `… ${notes.length - shown.length} more notes are in report.html and table.md.`];
}

/** The value of a column as tables show it. */
export function showMetric(value: number, { digits }: Pick<Results['columns'][number], 'digits'>): string {
  return Number.isFinite(value) ? value.toFixed(digits) : String(value);
}

export const COST_COLUMNS = ['parameters', 'images seen', 'training'] as const;

/** What a row cost, in the order of `COST_COLUMNS`; the row `input` cost nothing. */
export function costCells({ cost }: Results['rows'][number]): string[] {
  if (!cost) return COST_COLUMNS.map(() => '–');
  const { parameters, images, seconds } = cost;
  return [count(parameters), images === undefined ? 'unknown' : count(images), duration(seconds)];
}

function formatted(results: Results, mark: (text: string) => string): string[][] {
  const best = bestRows(results);
  const costs = results.rows.some(({ cost }) => cost);
  const head = [
    'method',
    ...results.columns.map(({ name, better }) => `${name} ${better === 'higher' ? '↑' : '↓'}`),
    ...(costs ? COST_COLUMNS : []),
  ];
  const body = results.rows.map((row, r) => [
    row.method,
    ...row.values.map((value, c) => {
      const text = showMetric(value, results.columns[c]!);
      return best[c] === r ? mark(text) : text;
    }),
    ...(costs ? costCells(row) : []),
  ]);
  return [head, ...body];
}
