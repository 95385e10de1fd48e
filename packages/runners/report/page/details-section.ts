import type { RunRecord } from '../report.ts';
import { html, type Html } from './html.ts';
import type { Section } from './section.ts';

/** An address of the web as a link to it. */
function linked(text: string): Html | string {
  return /^https?:\/\/\S+$/.test(text) ? html`<a href="${text}">${text}</a>` : text;
}

/** What the run depends on: versions, hashes, times, the whole configuration. */
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
            <dd>${linked(text)}</dd>
          </div>`,
      )}
    </dl>
    <details>
      <summary>The resolved configuration (experiment.yaml)</summary>
      <pre tabindex="0"><code>${experiment.toYaml()}</code></pre>
    </details>
  `;
  return { id: 'details', title: 'Details', body };
}
