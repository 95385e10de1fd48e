import type { Column } from '@dualprior/blocks';
import type { ComparisonSettings } from './settings.ts';
import { COST_COLUMNS, costCells, showMetric } from '../../evaluation/table.ts';
import { bestRows, INPUT, secondRows } from '../../evaluation/results.ts';
import type { Interval } from '../../evaluation/intervals.ts';
import type { RunRecord } from '../report.ts';
import { columnHead } from './column-head.ts';
import { html, type Html } from './html.ts';
import { icon } from './icons.ts';
import { scrolled } from './scrolled.ts';
import type { Section } from './section.ts';

type Reference = ComparisonSettings['reference'];

/** The results, best and second best marked, beside the reference's numbers and the differences. */
export function tableSection({ results, intervals }: RunRecord, reference: Reference): Section | undefined {
  const { columns, rows, note, remarks = [] } = results;
  if (rows.length === 0) return undefined;
  const [best, second] = [bestRows(results), secondRows(results)];
  const costs = rows.some(({ cost }) => cost);
  const hasIntervals = rows.some(({ method }) => columns.some(({ name }) => intervals.of(method, name)));
  const known = new Set(rows.map(({ method }) => method));
  const others = Object.keys(reference?.rows ?? {}).filter((method) => !known.has(method));
  const extra = costs ? COST_COLUMNS : [];
  const body = html`
    ${scrolled(
      'Table of results',
      html`<table class="results">
        <thead>
          <tr>
            <th scope="col">Method</th>
            ${columns.map(({ name, better }) => columnHead(name, better))}
            ${extra.map((name) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row, r) =>
              html`<tr class="${row.method === INPUT ? 'input' : ''}">
                <th scope="row">${row.method}</th>
                ${row.values.map((value, c) => {
                  const rank = best[c] === r ? 'best' : second[c] === r ? 'second' : '';
                  const column = columns[c]!;
                  const interval = intervals.of(row.method, column.name);
                  return cell(value, column, { rank, interval, paper: paperNumber(reference, row.method, column) });
                })}
                ${costs && costCells(row).map((text) => html`<td class="cost">${text}</td>`)}
              </tr>`,
          )}
          ${others.map(
            (method) =>
              html`<tr class="absent">
                <th scope="row">${method} <small>not in this run</small></th>
                ${columns.map((column) => html`<td>${referenceOf(paperNumber(reference, method, column), column)}</td>`)}
                ${extra.map(() => html`<td></td>`)}
              </tr>`,
          )}
        </tbody>
      </table>`,
    )}
    <p class="legend">
      <span class="badge best">best</span> and <span class="badge second">2nd</span> of the methods that improve on the
      input; ${icon('up')} higher is better, ${icon('down')} lower is better.
      ${hasIntervals ? 'Below each value its 95 % confidence interval over the test images.' : 'So few test images give no confidence intervals.'}${reference && html` Small: ${reference.name}, and how far this run is from it; by another feature extractor the two cannot be compared.`}
      ${costs && html` Images seen and training time: summed over all stages that a row depends on.`}
    </p>
    <ul class="remarks">
      ${[note, ...remarks].map((remark) => html`<li>${remark}</li>`)}
    </ul>
  `;
  return { id: 'results', title: 'Results', body };
}

interface CellNotes {
  readonly rank: 'best' | 'second' | '';
  readonly interval: Interval | undefined;
  readonly paper: PaperNumber | undefined;
}

interface PaperNumber {
  readonly value: number;
  /** False beside what a substitute sees: it is what the official extractor does. */
  readonly comparable: boolean;
}

function paperNumber(reference: Reference, method: string, { name }: Column): PaperNumber | undefined {
  const row = reference?.rows[method];
  const official = row?.[name.replace(/_substitute$/, '')];
  if (row?.[name] !== undefined) return { value: row[name], comparable: true };
  return official === undefined ? undefined : { value: official, comparable: false };
}

function cell(value: number, column: Column, { rank, interval, paper }: CellNotes): Html {
  const label = rank === 'second' ? '2nd' : rank;
  return html`<td class="${rank}">
    <span class="value">${showMetric(value, column)}</span>${rank && html` <span class="badge ${rank}">${label}</span>`}
    ${interval && html`<small>${interval.map((end) => showMetric(end, column)).join(' – ')}</small>`}
    ${referenceOf(paper, column)}${paper?.comparable && difference(value - paper.value, column)}
  </td>`;
}

/** With no more digits than the paper gives. */
function referenceOf(paper: PaperNumber | undefined, { digits }: Column): Html | undefined {
  if (!paper) return undefined;
  const { value, comparable } = paper;
  const known = Math.min(digits, Math.max(2, (String(value).split('.')[1] ?? '').length));
  const note = !comparable && html` <small class="paper">other feature extractor</small>`;
  return html`<small class="paper">paper ${value.toFixed(known)}</small>${note}`;
}

function difference(value: number, { digits, better }: Column): Html | undefined {
  if (!Number.isFinite(value)) return undefined;
  const ahead = value === 0 ? '' : value > 0 === (better === 'higher') ? 'ahead' : 'behind';
  const text = `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
  return html` <small class="difference ${ahead}">${text}</small>`;
}
