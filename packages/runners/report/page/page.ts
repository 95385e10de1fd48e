import { readFileSync } from 'node:fs';
import type { Judgement } from '../claims/judge.ts';
import type { RunRecord } from '../report.ts';
import { claimsSection } from './claims-section.ts';
import { curvesSection } from './curves-section.ts';
import { detailsSection } from './details-section.ts';
import { figuresSection } from './figures-section.ts';
import { html, raw, type Html } from './html.ts';
import { ImageStore } from './image-store.ts';
import type { ComparisonSettings } from './settings.ts';
import { sliderSection } from './slider-section.ts';
import { stagesSection } from './stages-section.ts';
import { tableSection } from './table-section.ts';

const asset = (name: string): Html => raw(readFileSync(new URL(name, import.meta.url), 'utf8'));

/** The whole of `report.html`. Everything is in it: it asks no network for anything. */
export async function reportPage(
  record: RunRecord,
  settings: ComparisonSettings,
  judgements: readonly Judgement[],
): Promise<string> {
  const images = new ImageStore();
  const sections = [
    tableSection(record, settings.reference),
    claimsSection(judgements, record.results.columns),
    await sliderSection(record, images),
    ...(await figuresSection(record, settings.figures, images)),
    curvesSection(record),
    await stagesSection(record, images),
    detailsSection(record),
  ].filter((section) => section !== undefined);
  const { name } = record.experiment;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${name} · dualprior</title>
        <style>
          ${asset('style.css')}
        </style>
      </head>
      <body>
        <a class="skip" href="#main">Skip to the contents</a>
        <header>
          <p class="kind">Experiment</p>
          <h1>${name}</h1>
          <p class="lead">${record.results.note}</p>
          <nav aria-label="Sections">${sections.map(({ id, title }) => html`<a href="#${id}">${title}</a> `)}</nav>
        </header>
        <main id="main">
          ${sections.map(
            ({ id, title, body }) =>
              html`<section id="${id}" aria-labelledby="${id}-title">
                <h2 id="${id}-title">${title}</h2>
                ${body}
              </section> `,
          )}
        </main>
        <noscript>The images of this page need JavaScript.</noscript>
        ${await images.data()}
        <script>
          ${asset('script.js')};
        </script>
      </body>
    </html> `.markup;
}
