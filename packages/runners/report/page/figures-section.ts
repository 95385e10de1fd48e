import type { ComparisonSettings } from './settings.ts';
import { INPUT } from '../../evaluation/results.ts';
import type { RunRecord } from '../report.ts';
import { html, type Html } from './html.ts';
import type { ImageStore } from './image-store.ts';
import { pictureTable } from './picture-table.ts';
import type { Section } from './section.ts';

type Figure = ComparisonSettings['figures'][string];

/** The figures that the settings ask for, else all methods side by side and the steps of each method that shows some. */
export async function figuresSection(
  record: RunRecord,
  asked: ComparisonSettings['figures'],
  images: ImageStore,
): Promise<Section[]> {
  if (record.pictures.length === 0) return [];
  const figures = Object.keys(asked).length > 0 ? asked : ownFigures(record);
  const parts = await Promise.all(Object.entries(figures).map(([name, figure]) => show(name, figure, record, images)));
  return [{ id: 'figures', title: 'Figures', body: html`${parts}` }];
}

function ownFigures({ results, pictures }: RunRecord): Record<string, Figure> {
  const methods = results.rows.map(({ method }) => method).filter((method) => method !== INPUT);
  const steps = [...(pictures[0]?.views.keys() ?? [])];
  return {
    ...Object.fromEntries(steps.map((method) => [`The steps of ${method}`, { steps: method }])),
    ...(methods.length > 0 && { 'All methods': { methods } }),
  };
}

async function show(name: string, figure: Figure, { pictures }: RunRecord, images: ImageStore): Promise<Html> {
  const { steps, methods = [] } = figure;
  const views = steps === undefined ? [] : [...(pictures[0]!.views.get(steps)?.keys() ?? [])];
  const present = methods.filter((method) => pictures[0]!.rows.has(method));
  const missing = methods.filter((method) => !present.includes(method));
  const columns = steps === undefined ? present : views;
  const title = figure.title ?? (steps === undefined ? present.join(', ') : `On the way to the result of ${steps}`);
  const heading = /^\d+$/.test(name) ? `Figure ${name}` : name;
  if (columns.length === 0) {
    return html`<h3>${heading}</h3>
      <p>This run has none of its images: ${steps ?? methods.join(', ')}.</p>`;
  }
  const hasTruth = pictures[0]!.sharp !== undefined;
  const rows = pictures.map(({ name: image, sharp, rows: results, views: onTheWay }) => {
    const files = columns.map((label) => (steps === undefined ? results : onTheWay.get(steps))?.get(label));
    return { name: image, sharp, input: results.get(INPUT)!, files };
  });
  return html`<figure class="pictures">
    <figcaption>
      <h3>${heading}</h3>
      ${title}.
      ${hasTruth ? 'The first column shows the sharp image with the degraded input inset.' : 'The first column shows the degraded input.'}
      ${missing.length > 0 && html`Not in this run: ${missing.join(', ')}.`}
    </figcaption>
    ${await pictureTable(heading, columns, rows, images)}
  </figure>`;
}
