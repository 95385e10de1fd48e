import { html, type Html } from './html.ts';
import type { ImageStore } from './image-store.ts';

/** A row of pictures: one test image. */
interface PictureRow {
  readonly name: string;
  readonly sharp: string | undefined;
  readonly input: string;
  /** Files, in the order of the columns; undefined where there is none. */
  readonly files: readonly (string | undefined)[];
}

/** Rows that are shown at once; others are folded. */
const SHOWN = 3;

/** Pictures side by side: first the sharp image with the degraded input inset, then the columns. */
export async function pictureTable(
  heading: string,
  columns: readonly string[],
  rows: readonly PictureRow[],
  images: ImageStore,
): Promise<Html> {
  const more = rows.slice(SHOWN);
  return html`${await tableOf(heading, columns, rows.slice(0, SHOWN), images)}
  ${
    more.length > 0 &&
    html`<details>
      <summary>${more.length} more</summary>
      ${await tableOf(`${heading}, more images`, columns, more, images)}
    </details>`
  }`;
}

async function tableOf(
  heading: string,
  columns: readonly string[],
  rows: readonly PictureRow[],
  images: ImageStore,
): Promise<Html> {
  const shown = await Promise.all(rows.map((row) => pictureRow(row, columns, images)));
  return html`<div class="scroll" role="region" aria-label="${heading}" tabindex="0">
    <table class="grid">
      <thead>
        <tr>
          <th scope="col">${rows[0]?.sharp === undefined ? 'input' : 'sharp (input)'}</th>
          ${columns.map((label) => html`<th scope="col">${label}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${shown}
      </tbody>
    </table>
  </div>`;
}

async function pictureRow(
  { name, sharp, input, files }: PictureRow,
  columns: readonly string[],
  images: ImageStore,
): Promise<Html> {
  const truth = sharp === undefined ? undefined : await images.show(sharp, `${name}, the sharp image`);
  const inset = await images.show(input, `${name}, the degraded input`, truth ? 'inset' : '');
  const cells = await Promise.all(
    files.map(async (file, i) => (file === undefined ? undefined : images.show(file, `${name}, ${columns[i]}`))),
  );
  return html`<tr>
    <td><div class="truth">${truth}${inset}</div></td>
    ${cells.map((image) => html`<td>${image}</td>`)}
  </tr>`;
}
