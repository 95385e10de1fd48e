import type { Column } from '@dualprior/blocks';
import type { Judgement, Verdict } from '../claims/judge.ts';
import { comparisonText, needText, tightest, why } from '../claims/words.ts';
import { html, type Html } from './html.ts';
import { icon, type IconName } from './icons.ts';
import type { Section } from './section.ts';

const SIGNS: Readonly<Record<Verdict, IconName>> = {
  holds: 'tick',
  'does not hold': 'cross',
  'not decided': 'question',
};
const CLASSES: Readonly<Record<Verdict, string>> = { holds: 'holds', 'does not hold': 'fails', 'not decided': 'open' };

/** The claims, a line each: whether they hold, and the numbers. */
export function claimsSection(judgements: readonly Judgement[], columns: readonly Column[]): Section | undefined {
  if (judgements.length === 0) return undefined;
  const body = html`
    <ul class="claims">
      ${judgements.map((judgement) => line(judgement, columns))}
    </ul>
    <p class="legend">
      A claim holds, or does not hold, if it does so with the whole 95 % confidence interval of the difference between
      methods on the same test images (in brackets; bootstrap over the images, those of one face together; one seed of
      training).
    </p>
  `;
  return { id: 'claims', title: 'Claims', body };
}

function line(judgement: Judgement, columns: readonly Column[]): Html {
  const { name, claim, verdict, lacks, comparisons } = judgement;
  return html`<li class="claim ${CLASSES[verdict]}">
    <p>
      <span class="verdict">${icon(SIGNS[verdict])} ${name} ${verdict}${why(judgement)}</span>
      ${claim.text}${claim.paper !== undefined && html` <small>(paper: ${claim.paper})</small>`}
      ${lacks.length > 0 && html`<strong>The table has ${lacks.join(' and ')}.</strong>`}
    </p>
    ${
      comparisons.length > 0 &&
      html`<details>
        <summary>
          ${comparisons.length} comparison${comparisons.length > 1 && 's'}: ${tightest(comparisons, columns)}
        </summary>
        <ul>
          ${comparisons.map((each) => html`<li>${comparisonText(each, columns)}, ${needText(each, columns)}: <b>${each.verdict}</b></li>`)}
        </ul>
      </details>`
    }
  </li>`;
}
