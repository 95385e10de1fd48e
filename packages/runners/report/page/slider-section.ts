import { INPUT } from '../../evaluation/results.ts';
import type { RunRecord } from '../report.ts';
import { html, json, type Html } from './html.ts';
import type { ImageStore } from './image-store.ts';
import type { Section } from './section.ts';

const SHARP = 'sharp image';

/** Two results of one image on top of each other with a divider: any image, any two of input, methods and sharp image, where there is one. */
export async function sliderSection(
  { pictures, results }: RunRecord,
  images: ImageStore,
): Promise<Section | undefined> {
  if (pictures.length === 0) return undefined;
  const methods = results.rows.map(({ method }) => method).filter((method) => method !== INPUT);
  const hasSharp = pictures.some(({ sharp }) => sharp !== undefined);
  const labels = [INPUT, ...methods, ...(hasSharp ? [SHARP] : [])];
  const keys = await Promise.all(
    pictures.map(async ({ rows, sharp }) => {
      const files = [...rows, ...(sharp === undefined ? [] : [[SHARP, sharp] as const])];
      return Object.fromEntries(
        await Promise.all(files.map(async ([label, file]) => [label, await keyOf(file, images)])),
      );
    }),
  );
  const after = methods.at(-1) ?? labels.at(-1)!;
  const body = html`
    <div class="slider">
      <div class="choices">
        ${choice(
          'slider-image',
          'Image',
          pictures.map(({ name }, i) => [String(i), `${i + 1} · ${name}`]),
          '0',
        )}
        ${choice(
          'slider-before',
          'Left',
          labels.map((label) => [label, label]),
          INPUT,
        )}
        ${choice(
          'slider-after',
          'Right',
          labels.map((label) => [label, label]),
          after,
        )}
      </div>
      <div class="stack">
        <img id="slider-right" alt="" />
        <img id="slider-left" alt="" />
        <input
          id="slider-divider"
          type="range"
          min="0"
          max="100"
          value="50"
          aria-label="Divider between the left and the right image, in percent from the left"
        />
        <span class="tag left" aria-hidden="true"></span><span class="tag right" aria-hidden="true"></span>
      </div>
      <p class="legend">
        Drag the divider, or focus it and use the arrow keys. N and P, or the list, go to another image.
      </p>
    </div>
    <script type="application/json" id="slider-keys">
      ${json(keys)}
    </script>
  `;
  return { id: 'slider', title: 'Before and after', body };
}

async function keyOf(file: string, images: ImageStore): Promise<string> {
  return (await images.add(file)).key;
}

function choice(
  id: string,
  label: string,
  options: readonly (readonly [value: string, text: string])[],
  chosen: string,
): Html {
  return html`<label for="${id}">${label}</label>
    <select id="${id}">
      ${options.map(([value, text]) =>
        value === chosen
          ? html`<option value="${value}" selected>${text}</option>`
          : html`<option value="${value}">${text}</option>`,
      )}
    </select>`;
}
