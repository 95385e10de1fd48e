import { hasDemo } from '../record/demo.ts';
import type { RunRecord } from '../report.ts';
import { html } from './html.ts';
import type { Section } from './section.ts';

/** Leads to the page that restores photographs, where `yarn report RUN --demo` has written it. */
export function demoSection({ directory, results }: RunRecord): Section | undefined {
  if (!hasDemo(directory) || results.rows.length === 0) return undefined;
  const body = html`
    <p><a href="demo/index.html">Restore a photograph of your own</a> with these methods, in this browser.</p>
    <p class="legend">
      It needs a web server, e.g. <code>python3 -m http.server</code> in the folder of this report, which is then at
      http://localhost:8000/report.html.
    </p>
  `;
  return { id: 'demo', title: 'Try it', body };
}
