import { stringify } from 'csv-stringify/sync';
import pc from 'picocolors';
import { bestRows, type Results } from './results.ts';

/** `results.csv`: one row a method, full precision. */
export function toCsv({ columns, rows }: Results): string {
  return stringify([
    ['method', ...columns.map(({ name }) => name)],
    ...rows.map(({ method, values }) => [method, ...values]),
  ]);
}

/** `table.md`: the best value of each column in bold. */
export function toMarkdown(results: Results): string {
  const cells = formatted(results, (text) => `**${text}**`);
  const [head, ...body] = cells.map((row) => `| ${row.join(' | ')} |`);
  const rule = `|---|${'---:|'.repeat(results.columns.length)}`;
  return `${[head, rule, ...body].join('\n')}\n\n${results.note}\n`;
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
  return [lines[0], rule, ...lines.slice(1), rule, pc.dim(`* best of the methods. ${results.note}`)].join('\n');
}

function formatted(results: Results, mark: (text: string) => string): string[][] {
  const best = bestRows(results);
  const head = ['method', ...results.columns.map(({ name, better }) => `${name} ${better === 'higher' ? '↑' : '↓'}`)];
  const body = results.rows.map(({ method, values }, r) => [
    method,
    ...values.map((value, c) => {
      const text = Number.isFinite(value) ? value.toFixed(results.columns[c]!.digits) : String(value);
      return best[c] === r ? mark(text) : text;
    }),
  ]);
  return [head, ...body];
}
