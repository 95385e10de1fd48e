import type { Column } from '@dualprior/blocks';
import { overSeeds, showValue } from '../../evaluation/over-seeds.ts';
import { leadText, standing, type ClaimOverSeeds } from '../seeds/claims-over-seeds.ts';
import type { SeedRun } from '../seeds/seed-run.ts';
import { columnHead } from './column-head.ts';
import { html, type Html } from './html.ts';
import { scrolled } from './scrolled.ts';
import type { Section } from './section.ts';

/** Table and claims over the runs with other seeds of the same experiment. */
export function seedsSection(runs: readonly SeedRun[], claims: readonly ClaimOverSeeds[]): Section | undefined {
  if (runs.length < 2) return undefined;
  const { columns, rows } = runs[0]!.measured;
  const body = html`
    ${scrolled(
      'Results over seeds',
      html`<table class="results">
        <thead>
          <tr>
            <th scope="col">Method</th>
            ${columns.map(({ name, better }) => columnHead(name, better))}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ({ method }) =>
              html`<tr>
                <th scope="row">${method}</th>
                ${columns.map((column) => html`<td>${cell(method, column, runs)}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>`,
    )}
    <p class="legend">
      Mean ± standard deviation of the runs with the seeds ${runs.map(({ seed }) => seed).join(', ')}. Everything else
      on this page is from one of these runs.
    </p>
    ${claims.length > 0 && claimsList(claims, columns)}
  `;
  return { id: 'seeds', title: 'Over seeds', body };
}

/** The claims, a line each: in how many runs each holds. */
export function claimsList(claims: readonly ClaimOverSeeds[], columns: readonly Column[]): Html {
  return html`<ul class="claims">
    ${claims.map(
      (claim) =>
        html`<li class="claim ${kind(claim)}">
          <p><span class="verdict">${standing(claim)}</span> ${claim.text}</p>
          ${claim.leads.length > 0 && html`<p>${claim.leads.map((lead) => leadText(lead, columns)).join('; ')}</p>`}
        </li>`,
    )}
  </ul>`;
}

function kind({ holds, of, verdicts }: ClaimOverSeeds): string {
  if (holds === of) return 'holds';
  return verdicts.every(({ verdict }) => verdict === 'does not hold') ? 'fails' : 'open';
}

function cell(method: string, column: Column, runs: readonly SeedRun[]): string {
  const values = runs.flatMap(({ measured }) => {
    const row = measured.rows.find((each) => each.method === method);
    const c = measured.columns.findIndex(({ name }) => name === column.name);
    return row && c >= 0 ? [row.values[c]!] : [];
  });
  return showValue(values.length < runs.length ? undefined : overSeeds(values), column);
}
