import type { RunRecord } from '../report.ts';
import { html } from './html.ts';
import type { Section } from './section.ts';

/** What the run stands on: versions, hashes, times, the whole configuration. */
export function detailsSection({ experiment, facts, stages }: RunRecord): Section {
  const times = stages.flatMap(({ name, begun, ended }) =>
    begun === undefined || ended === undefined
      ? []
      : [[`stage ${name}`, `${new Date(begun).toISOString()} to ${new Date(ended).toISOString()}`] as const],
  );
  const body = html`
    <dl class="facts">
      ${[...Object.entries(facts), ...times].map(
        ([label, text]) =>
          html`<div>
            <dt>${label}</dt>
            <dd>${text}</dd>
          </div>`,
      )}
    </dl>
    <details>
      <summary>The resolved configuration (experiment.yaml)</summary>
      <pre tabindex="0"><code>${experiment.toYaml()}</code></pre>
    </details>
  `;
  return { id: 'details', title: 'What it stands on', body };
}
