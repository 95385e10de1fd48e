import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { html, type Html } from '../../report/page/html.ts';
import type { Section } from '../../report/page/section.ts';
import type { ComparedRun } from '../read-run.ts';
import type { ComparedVariant } from '../variants.ts';

/** The runs behind the page, with their own reports. @param folder in which the page lies */
export function runsSection(variants: readonly ComparedVariant[], folder: string): Section {
  const body = html`<dl class="facts">
    ${variants.map(
      ({ name, runs }) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${runs.map((run) => html`<div>${link(run, folder)}</div>`)}</dd>
        </div>`,
    )}
  </dl>`;
  return { id: 'runs', title: 'Runs', body };
}

function link({ path, seed }: ComparedRun, folder: string): Html {
  const report = join(path, 'report.html');
  const address = relative(folder, report).split('/').map(encodeURIComponent).join('/');
  return existsSync(report) ? html`seed ${seed}: <a href="${address}">${path}</a>` : html`seed ${seed}: ${path}`;
}
