import { chart } from '../../report/page/chart.ts';
import { rankOfCurve } from '../../report/page/curve-groups.ts';
import { html, type Html } from '../../report/page/html.ts';
import type { Section } from '../../report/page/section.ts';
import { foldable } from './foldable.ts';
import type { ComparedCurves } from './curves.ts';

/** The curves of the variants over each other, by stage and term. Which variants are shown is chosen with check boxes, by CSS alone. */
export function curvesSection({ stages, variants, leftOut }: ComparedCurves): Section | undefined {
  const drawn = [...stages].filter(([, terms]) => terms.size > 0);
  if (drawn.length === 0) return undefined;
  const body = html`
    ${variants.length > 1 && legend(variants)}
    ${drawn.map(([stage, terms], i) => {
      const charts = [...terms].sort(([a], [b]) => rankOfCurve(a) - rankOfCurve(b));
      const content = html`<summary>${stage}</summary>
        <div class="charts">${charts.map(([name, lines]) => chart(name, lines))}</div>`;
      return foldable(content, i === drawn.length - 1, 'curves');
    })}
    <p class="legend">
      Point at a line to read it. A grey line is a training shared by several of them. ${leftOut.join(' ')}
    </p>
  `;
  return { id: 'curves', title: 'Training', body };
}

function legend(variants: readonly string[]): Html {
  return html`<fieldset class="variants">
    <legend>Lines shown</legend>
    ${variants.map(
      (name, i) =>
        html`<label class="v${i}"
          ><input type="checkbox" id="curve-${i}" checked /><span class="swatch"></span>${name}</label
        > `,
    )}
  </fieldset>`;
}
