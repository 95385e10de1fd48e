import type { ComparisonSettings } from './settings.ts';
import { INPUT } from '../../evaluation/results.ts';
import type { Picture } from '../record/pictures.ts';
import type { RunRecord } from '../report.ts';
import { html, type Html } from './html.ts';
import type { ImageStore } from './image-store.ts';
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
  const rows = await Promise.all(
    pictures.map((picture) => {
      const files = columns.map((label) => (steps === undefined ? picture.rows : picture.views.get(steps))?.get(label));
      return pictureRow(picture, columns, files, images);
    }),
  );
  return html`<figure class="pictures">
    <figcaption>
      <h3>${heading}</h3>
      ${title}. ${hasTruth ? 'First the sharp image with the degraded input inset.' : 'First the degraded input.'}
      ${missing.length > 0 && html`Not in this run: ${missing.join(', ')}.`}
    </figcaption>
    <div class="scroll" role="region" aria-label="${heading}" tabindex="0">
      <table class="grid">
        <thead>
          <tr>
            <th scope="col">${hasTruth ? 'sharp (input)' : 'input'}</th>
            ${columns.map((label) => html`<th scope="col">${label}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </figure>`;
}

async function pictureRow(
  picture: Picture,
  labels: readonly string[],
  files: readonly (string | undefined)[],
  images: ImageStore,
): Promise<Html> {
  const { name, sharp } = picture;
  const input = picture.rows.get(INPUT)!;
  const truth = sharp === undefined ? undefined : await images.show(sharp, `${name}, the sharp image`);
  const inset = await images.show(input, `${name}, the degraded input`, truth ? 'inset' : '');
  const cells = await Promise.all(
    files.map(async (file, i) => (file === undefined ? undefined : images.show(file, `${name}, ${labels[i]}`))),
  );
  return html`<tr>
    <td><div class="truth">${truth}${inset}</div></td>
    ${cells.map((image) => html`<td>${image}</td>`)}
  </tr>`;
}
