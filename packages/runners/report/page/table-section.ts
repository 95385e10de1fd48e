import type { Column } from '@dualprior/blocks';
import type { ComparisonSettings } from '../comparison.ts';
import { COST_COLUMNS, costCells, showMetric } from '../../evaluation/table.ts';
import { bestRows, INPUT, secondRows } from '../../evaluation/results.ts';
import type { Interval } from '../../evaluation/intervals.ts';
import type { RunRecord } from '../report.ts';
import { html, raw, type Html } from './html.ts';
import { icon } from './icons.ts';
import type { Section } from './page.ts';

type Reference = ComparisonSettings['reference'];

/** The results, best and second best marked, beside the reference's numbers and the differences. */
export function tableSection({ results, intervals }: RunRecord, reference: Reference): Section | undefined {
  const { columns, rows, remarks = [] } = results;
  if (rows.length === 0) return undefined;
  const [best, second] = [bestRows(results), secondRows(results)];
  const costs = rows.some(({ cost }) => cost);
  const known = new Set(rows.map(({ method }) => method));
  const others = Object.keys(reference?.rows ?? {}).filter((method) => !known.has(method));
  const extra = costs ? COST_COLUMNS : [];
  const body = html`
    <div class="scroll" role="region" aria-label="Table of results" tabindex="0">
      <table class="results">
        <thead>
          <tr>
            <th scope="col">Method</th>
            ${columns.map(({ name, better }) => heading(name, better))}
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
                  return cell(value, column, { rank, interval, paper: reference?.rows[row.method] });
                })}
                ${costs && costCells(row).map((text) => html`<td class="cost">${text}</td>`)}
              </tr>`,
          )}
          ${others.map(
            (method) =>
              html`<tr class="absent">
                <th scope="row">${method} <small>not in this run</small></th>
                ${columns.map((column) => html`<td>${referenceOf(reference?.rows[method], column)}</td>`)}
                ${extra.map(() => html`<td></td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="hint" aria-hidden="true">The table goes on to the right: swipe or scroll it.</p>
    <p class="legend">
      <span class="badge best">best</span> and <span class="badge second">2nd</span> of the methods; ${icon('up')}
      higher is better, ${icon('down')} lower is better. Below each value its 95 % confidence interval over the test
      images.${reference && html` Small: ${reference.name}, and how far this run is from it.`}
      ${costs && html` Images seen and training time: summed over all stages that a row stands on.`}
    </p>
    ${
      remarks.length > 0 &&
      html`<ul class="remarks">
        ${remarks.map((remark) => html`<li>${remark}</li>`)}
      </ul>`
    }
  `;
  return { id: 'results', title: 'Results', body };
}

function heading(name: string, better: Column['better']): Html {
  return html`<th scope="col">
    ${breakable(name)}&nbsp;${icon(better === 'higher' ? 'up' : 'down', `${better} is better`)}
  </th>`;
}

/** A name that may go on in a new line after each underscore. */
function breakable(name: string): Html {
  return html`${name.split(/(?<=_)/).map((part, i) => html`${i > 0 && raw('<wbr />')}${part}`)}`;
}

interface CellNotes {
  readonly rank: 'best' | 'second' | '';
  readonly interval: Interval | undefined;
  readonly paper: Readonly<Record<string, number>> | undefined;
}

function cell(value: number, column: Column, { rank, interval, paper }: CellNotes): Html {
  const label = rank === 'second' ? '2nd' : rank;
  const same = paper?.[column.name];
  return html`<td class="${rank}">
    <span class="value">${showMetric(value, column)}</span>${rank && html` <span class="badge ${rank}">${label}</span>`}
    ${interval && html`<small>${interval.map((end) => showMetric(end, column)).join(' – ')}</small>`}
    ${referenceOf(paper, column)}${same !== undefined && difference(value - same, column)}
  </td>`;
}

/** With no more digits than the paper gives; beside what a substitute sees, what the official extractor does, which it cannot be compared with. */
function referenceOf(paper: CellNotes['paper'], { name, digits }: Column): Html | undefined {
  const value = paper?.[name] ?? paper?.[name.replace(/_substitute$/, '')];
  if (value === undefined) return undefined;
  const known = Math.min(digits, Math.max(2, (String(value).split('.')[1] ?? '').length));
  const other = paper?.[name] === undefined && ', other extractor';
  return html`<small class="paper">paper ${value.toFixed(known)}${other}</small>`;
}

function difference(value: number, { digits, better }: Column): Html | undefined {
  if (!Number.isFinite(value)) return undefined;
  const ahead = value === 0 ? '' : value > 0 === (better === 'higher') ? 'ahead' : 'behind';
  const text = `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
  return html` <small class="difference ${ahead}">${text}</small>`;
}
