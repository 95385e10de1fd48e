import type { Column } from '@dualprior/blocks';
import { breakable, columnHead } from '../../report/page/column-head.ts';
import { html, type Html } from '../../report/page/html.ts';
import { icon } from '../../report/page/icons.ts';
import type { Section } from '../../report/page/section.ts';
import { foldable } from './foldable.ts';
import { showValue, type OverSeeds } from '../../evaluation/over-seeds.ts';
import type { ComparedRow, RunComparison } from '../compare-runs.ts';
import type { PairedDifference } from '../resample.ts';
import type { ComparedVariant } from '../variants.ts';
import { numbersOf, verdictOf } from '../words.ts';
import { scrolled } from '../../report/page/scrolled.ts';

/** For each method the variants below each other: what differs in their configurations beside what differs in the results. */
export function resultsSection(comparison: RunComparison): Section {
  const { variants, rows, notes } = comparison;
  const methods = [...new Set(rows.map(({ method }) => method))];
  const body = html`
    ${
      variants.length === 1
        ? table(
            'Methods',
            'Method',
            comparison,
            rows.map((row) => ({ head: row.method, row })),
          )
        : methods.map((method) => ofMethod(method, comparison))
    }
    <p class="legend">
      ${variants.some(({ runs }) => runs.length > 1) && 'Mean ± standard deviation over seeds.'}
      ${variants.length > 1 && html`Below it the difference to ${variants[0]!.name} on the same images, with its 95 % confidence interval.`}
    </p>
    ${
      notes.length > 0 &&
      html`<ul class="remarks">
        ${notes.map((note) => html`<li>${note}</li>`)}
      </ul>`
    }
  `;
  return { id: 'results', title: 'Results', body };
}

function ofMethod(method: string, comparison: RunComparison): Html {
  const { variants, rows } = comparison;
  const own = rows.filter((row) => row.method === method);
  const named = new Map(variants.map((variant) => [variant.name, variant]));
  const content = table(
    method,
    'Variant',
    comparison,
    own.map((row) => {
      return { head: row.variant, row, changes: changes(named.get(row.variant)!, variants[0]!) };
    }),
  );
  const same = own.length === variants.length && own.every(({ values }) => areEqual(values, own[0]!.values));
  const note = same && html` <small>the same in all variants</small>`;
  return foldable(
    html`<summary>${method}${note}</summary>
      ${content}`,
    !same,
  );
}

interface TableRow {
  readonly head: string;
  readonly row: ComparedRow;
  readonly changes?: Html | false;
}

function table(label: string, first: string, { columns }: RunComparison, rows: readonly TableRow[]): Html {
  const hasChanges = rows.some((row) => row.changes !== undefined);
  return scrolled(
    label,
    html`<table class="results compared">
      <thead>
        <tr>
          <th scope="col">${first}</th>
          ${hasChanges && html`<th scope="col" class="changes">what differs</th>`}
          ${columns.map(({ name, better }) => columnHead(name, better))}
          <th scope="col">seeds</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ head, row, changes: own }) =>
            html`<tr>
              <th scope="row">${head}</th>
              ${hasChanges && html`<td class="changes">${own}</td>`}
              ${columns.map((column, c) => html`<td>${showValue(row.values[c], column)}${against(row.differences?.[c], column)}</td>`)}
              <td class="cost">${row.seeds.join(', ')}</td>
            </tr>`,
        )}
      </tbody>
    </table>`,
  );
}

function against(difference: PairedDifference | undefined, column: Column): Html | undefined {
  if (!difference) return undefined;
  const verdict = verdictOf(difference, column);
  if (verdict === 'the same') return html`<small>${verdict}</small>`;
  const kind = { better: 'ahead', worse: 'behind', none: '' }[verdict ?? 'none'];
  return html`<small class="difference ${kind}"
    >${numbersOf(difference, column)}${verdict && html` <b>${verdict}</b>`}</small
  >`;
}

/** The options of a variant that differ, with the value before; nothing for the first variant. */
function changes({ options }: ComparedVariant, base: ComparedVariant): Html | false {
  const paths = [...new Set([...base.options.keys(), ...options.keys()])];
  const different = paths.filter((path) => base.options.get(path) !== options.get(path));
  if (different.length === 0) return false;
  const value = (of: ComparedVariant['options'], path: string) => html`<b>${of.get(path) ?? 'nothing'}</b>`;
  return html`<ul>
    ${different.map(
      (path) =>
        html`<li>
          ${breakable(path)} ${value(base.options, path)} ${icon('right', 'became')} ${value(options, path)}
        </li>`,
    )}
  </ul>`;
}

function areEqual(a: ComparedRow['values'], b: ComparedRow['values']): boolean {
  const same = (one: OverSeeds | undefined, other: OverSeeds | undefined) =>
    one?.mean === other?.mean && one?.deviation === other?.deviation;
  return a.every((value, c) => same(value, b[c]));
}
