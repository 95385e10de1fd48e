import { duration } from '../../console/duration.ts';
import { count } from '../../evaluation/count.ts';
import { imagesSeen } from '../record/cost.ts';
import type { Curve, StageHistory } from '../record/stage-history.ts';
import type { RunRecord } from '../report.ts';
import { short } from './axes.ts';
import { chart, COLOURS, type Line } from './chart.ts';
import { groupCurves, type CurveGroup } from './curve-groups.ts';
import { html, type Html } from './html.ts';
import type { Section } from './section.ts';

/** The curves of every stage, from its own journal: those of a stage trained in another run too. */
export function curvesSection({ stages }: RunRecord): Section | undefined {
  if (stages.length === 0) return undefined;
  return { id: 'curves', title: 'Training', body: html`${costTable(stages)}${stages.map(curves)}` };
}

/** What each stage saw and took, from the stages' journals. */
function costTable(stages: readonly StageHistory[]): Html {
  return html`<div class="scroll" role="region" aria-label="Stages" tabindex="0">
    <table class="stages">
      <thead>
        <tr>
          <th scope="col">Stage</th>
          <th scope="col">type</th>
          <th scope="col">iterations</th>
          <th scope="col">images per step</th>
          <th scope="col">images seen</th>
          <th scope="col">training</th>
          <th scope="col">result</th>
          <th scope="col">hash</th>
        </tr>
      </thead>
      <tbody>
        ${stages.map((stage) => {
          const images = imagesSeen(stage);
          return html`<tr>
            <th scope="row">${stage.name}</th>
            <td>${stage.type}</td>
            <td>${stage.iterations.toLocaleString('en')}</td>
            <td>${stage.batch?.toLocaleString('en', { maximumFractionDigits: 1 }) ?? '–'}</td>
            <td>${images === undefined ? '–' : count(images)}</td>
            <td>${duration(stage.seconds)}</td>
            <td class="result">${given(stage)}</td>
            <td><code>${stage.hash}</code></td>
          </tr>`;
        })}
      </tbody>
    </table>
  </div>`;
}

function given({ result, best }: StageHistory): string {
  return best ? `iteration ${best.iteration.toLocaleString('en')}, best ${best.by}` : result;
}

function curves({ name, curves: all }: StageHistory): Html | undefined {
  if (all.length === 0) return undefined;
  const { groups, flat } = groupCurves(all);
  return html`<details class="curves">
    <summary>
      ${name}: ${groups.length > 0 ? groups.map((group) => group.name).join(', ') : 'no curve that changes'}
    </summary>
    <div class="charts">${groups.map((group) => chart(group.name, linesOf(group), { legend: true }))}</div>
    ${flat.length > 0 && html`<p class="legend">Constant: ${flat.map(constant).join(', ')}.</p>`}
  </details>`;
}

function linesOf({ curves: own }: CurveGroup): Line[] {
  if (own.length === 1) return [{ points: own[0]!.points }];
  return own.map(({ name, points }, i) => ({ points, label: name, kind: `v${i % COLOURS}` }));
}

/** `learning_rate 0.001` */
function constant({ name, points }: Curve): string {
  return `${name} ${short(points.find(([, value]) => Number.isFinite(value))![1])}`;
}
