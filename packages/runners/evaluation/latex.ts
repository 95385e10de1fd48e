import { COST_COLUMNS, costCells, showMetric } from './table.ts';
import { bestRows, secondRows, type Results } from './results.ts';

/**
 * `table.tex`: the table for a paper (package booktabs), the best value of each column in bold, the second best underlined.
 * @param name of the experiment, for the caption and the label
 */
export function toLatex(results: Results, name: string): string {
  const { columns, rows, note, remarks = [] } = results;
  const [best, second] = [bestRows(results), secondRows(results)];
  const costs = rows.some(({ cost }) => cost);
  const head = [
    'Method',
    ...columns.map(({ name, better }) => `${escape(name)} $\\${better === 'higher' ? 'uparrow' : 'downarrow'}$`),
    ...(costs ? COST_COLUMNS.map(escape) : []),
  ];
  const body = rows.map((row, r) => [
    escape(row.method),
    ...row.values.map((value, c) => marked(showMetric(value, columns[c]!), best[c] === r, second[c] === r)),
    ...(costs ? costCells(row).map(escape) : []),
  ]);
  const line = (cells: readonly string[]) => `    ${cells.join(' & ')} \\\\`;
  return [
    '% Needs \\usepackage{booktabs}.',
    '\\begin{table}',
    '  \\centering',
    `  \\begin{tabular}{l${'r'.repeat(head.length - 1)}}`,
    '    \\toprule',
    line(head),
    '    \\midrule',
    ...body.map(line),
    '    \\bottomrule',
    '  \\end{tabular}',
    `  \\caption{${escape([note, ...remarks].join(' '))} Best in bold, second best underlined.}`,
    `  \\label{tab:${name.replaceAll(/[^A-Za-z0-9:-]/g, '-')}}`,
    '\\end{table}',
    '',
  ].join('\n');
}

function marked(text: string, best: boolean, second: boolean): string {
  if (best) return `\\textbf{${text}}`;
  return second ? `\\underline{${text}}` : escape(text);
}

const SPECIAL: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '–': '--',
  '×': '$\\times$',
  λ: '$\\lambda$',
};

/** Text with what LaTeX reads as commands made harmless. */
export function escape(text: string): string {
  return text.replaceAll(/[\\~^–×λ&%$#_{}]/g, (sign) => SPECIAL[sign] ?? `\\${sign}`);
}
