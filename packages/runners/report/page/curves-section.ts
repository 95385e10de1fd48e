import { duration } from '../../console/duration.ts';
import { count } from '../../evaluation/count.ts';
import { imagesSeen } from '../record/cost.ts';
import type { StageHistory } from '../record/stage-history.ts';
import type { RunRecord } from '../report.ts';
import { chart } from './chart.ts';
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
          <th scope="col">images a step</th>
          <th scope="col">images seen</th>
          <th scope="col">training</th>
          <th scope="col">gives</th>
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
            <td>${stage.batch ?? '–'}</td>
            <td>${images === undefined ? '–' : count(images)}</td>
            <td>${duration(stage.seconds)}</td>
            <td>${given(stage)}</td>
            <td><code>${stage.hash}</code></td>
          </tr>`;
        })}
      </tbody>
    </table>
  </div>`;
}

function given({ result, best }: StageHistory): string {
  return best
    ? `its weights after ${best.iteration.toLocaleString('en')} iterations: best ${best.by}`
    : `its ${result} weights`;
}

function curves({ name, curves: all }: StageHistory): Html | undefined {
  if (all.length === 0) return undefined;
  return html`<details class="curves" open>
    <summary>${name}</summary>
    <div class="charts">${ordered(all).map(({ name: curve, points }) => chart(curve, [{ points }]))}</div>
  </details>`;
}

/** What is looked at first: the validation or the quality, then the losses. */
function ordered(curves: StageHistory['curves']): StageHistory['curves'] {
  const rank = (name: string) => (/^(validation|fid|kid)/.test(name) ? 0 : name.startsWith('loss') ? 1 : 2);
  return [...curves].sort((a, b) => rank(a.name) - rank(b.name));
}
