import { ruled } from '../console/aligned.ts';
import { toCsvText } from '../evaluation/csv.ts';
import { escape } from '../evaluation/latex.ts';
import type { ComparedRow, RunComparison } from './compare-runs.ts';
import { showDifference } from './words.ts';
import { BASE, countOf } from './variants.ts';
import { showValue } from '../evaluation/over-seeds.ts';

export const FORMATS = ['text', 'csv', 'md', 'latex'] as const;
export type Format = (typeof FORMATS)[number];

/** A comparison as users read it: what differs, the values, the differences to the first variant. */
export function comparisonText(comparison: RunComparison, format: Format = 'text'): string {
  if (format === 'csv') return csv(comparison);
  const draw = { text: drawnText, md: drawnMarkdown, latex: drawnLatex }[format];
  return (
    tablesOf(comparison)
      .map(({ title, rows }) => draw(title, rows))
      .join('\n\n') + notes(comparison, format)
  );
}

interface Titled {
  readonly title: string;
  /** The first one is the head. */
  readonly rows: readonly (readonly string[])[];
}

function tablesOf(comparison: RunComparison): Titled[] {
  const { variants, columns, rows } = comparison;
  const paths = [...new Set(variants.flatMap(({ options }) => [...options.keys()]))];
  const named = variants.map(({ name, options, runs }) => [
    name,
    ...paths.map((path) => options.get(path) ?? '–'),
    runs.map(({ seed }) => seed).join(', '),
  ]);
  const heads = columns.map(({ name, better }) => `${name} ${better === 'higher' ? '↑' : '↓'}`);
  const values = rows.map(({ variant, method, values: own }) => [
    variant,
    method,
    ...own.map((value, c) => showValue(value, columns[c]!)),
  ]);
  const different = rows.filter(({ differences }) => differences?.some((difference) => difference));
  const seeds = Math.max(...variants.map(({ runs }) => runs.length));
  const differences = different.map(({ variant, method, differences: own }) => [
    variant,
    method,
    ...own!.map((difference, c) => showDifference(difference, columns[c]!)),
  ]);
  return [
    ...(variants.length > 1 ? [{ title: 'What differs', rows: [['variant', ...paths, 'seeds'], ...named] }] : []),
    {
      title: seeds > 1 ? 'Mean ± standard deviation over seeds' : 'Values',
      rows: [['variant', 'method', ...heads], ...values],
    },
    ...(differences.length === 0
      ? []
      : [
          {
            title: `Difference from ${BASE} on the same images [95 % interval]`,
            rows: [['variant', 'method', ...heads], ...differences],
          },
        ]),
  ];
}

function notes({ notes: lines, variants }: RunComparison, format: Format): string {
  const all = [`${countOf(variants)}.`, ...lines];
  const comment = { text: '', md: '', latex: '% ', csv: '' }[format];
  return `\n\n${all.map((line) => `${comment}${line}`).join('\n')}`;
}

function drawnText(title: string, rows: readonly (readonly string[])[]): string {
  return [title, ...ruled(rows)].join('\n');
}

function drawnMarkdown(title: string, rows: readonly (readonly string[])[]): string {
  const [head, ...body] = rows.map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
  return [`**${title}**`, '', head, `|${'---|'.repeat(rows[0]!.length)}`, ...body].join('\n');
}

function drawnLatex(title: string, rows: readonly (readonly string[])[]): string {
  const line = (row: readonly string[]) => `  ${row.map(latex).join(' & ')} \\\\`;
  return [
    `% ${title}. Needs \\usepackage{booktabs}.`,
    `\\begin{tabular}{${'l'.repeat(rows[0]!.length)}}`,
    '  \\toprule',
    line(rows[0]!),
    '  \\midrule',
    ...rows.slice(1).map(line),
    '  \\bottomrule',
    '\\end{tabular}',
  ].join('\n');
}

const SIGNS: Readonly<Record<string, string>> = {
  '↑': '$\\uparrow$',
  '↓': '$\\downarrow$',
  '±': '$\\pm$',
  '−': '$-$',
  '…': '\\dots{}',
};

function latex(text: string): string {
  return escape(text).replaceAll(/[↑↓±−…]/g, (sign) => SIGNS[sign]!);
}

/** A line for each value, in full precision. */
function csv({ rows, columns }: RunComparison): string {
  const lines = rows.flatMap((row: ComparedRow) =>
    columns.flatMap(({ name }, c) => {
      const value = row.values[c];
      if (!value) return [];
      const difference = row.differences?.[c];
      const { seeds, variant, method } = row;
      const ends = difference?.interval ?? ['', ''];
      return [
        [
          variant,
          method,
          name,
          seeds.length,
          value.mean,
          value.deviation ?? '',
          difference?.value ?? '',
          ...ends,
          difference?.images ?? '',
        ],
      ];
    }),
  );
  const head = ['variant', 'method', 'column', 'seeds', 'mean', 'deviation', 'difference', 'low', 'high', 'images'];
  return toCsvText([head, ...lines]).trimEnd();
}
