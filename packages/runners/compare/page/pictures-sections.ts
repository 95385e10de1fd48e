import { INPUT } from '../../evaluation/results.ts';
import { html } from '../../report/page/html.ts';
import type { ImageStore } from '../../report/page/image-store.ts';
import { pictureTable } from '../../report/page/picture-table.ts';
import type { Section } from '../../report/page/section.ts';
import { SHARP } from '../../report/page/slider-section.ts';
import { slider } from '../../report/page/slider.ts';
import { foldable } from './foldable.ts';
import type { ComparedPictures } from './pictures.ts';

/** One image by one method, of any two variants on top of each other; and all variants side by side. */
export async function picturesSections(found: ComparedPictures, images: ImageStore): Promise<Section[]> {
  const { pictures, methods, remarks } = found;
  if (pictures.length === 0 || methods.length === 0) return [];
  const note = remarks.length > 0 && html`<p class="legend">${remarks.join(' ')}</p>`;
  return [
    { id: 'slider', title: 'Image slider', body: html`${await divided(found, images)}${note}` },
    { id: 'pictures', title: 'Images side by side', body: html`${await sideBySide(found, images)}` },
  ];
}

function divided({ pictures, variants, methods }: ComparedPictures, images: ImageStore) {
  return slider(
    {
      choices: [
        { label: 'Image', options: pictures.map(({ name }, i) => `${i + 1} · ${name}`) },
        { label: 'Method', options: methods, chosen: methods.length - 1 },
      ],
      labels: [...variants, INPUT, SHARP],
      left: variants[0]!,
      right: variants[1] ?? INPUT,
      frames: pictures.flatMap(({ sharp, input, files }, i) =>
        methods.map((method, m) => ({
          of: [i, m],
          files: new Map([
            ...files.get(method)!,
            [INPUT, input],
            ...(sharp === undefined ? [] : [[SHARP, sharp] as const]),
          ]),
        })),
      ),
    },
    images,
  );
}

function sideBySide({ pictures, variants, methods }: ComparedPictures, images: ImageStore) {
  return Promise.all(
    methods.map(async (method, m) => {
      const rows = pictures.map(({ files, ...picture }) => ({
        ...picture,
        files: variants.map((variant) => files.get(method)!.get(variant)),
      }));
      const table = await pictureTable(`${method}, side by side`, variants, rows, images);
      const body = html`<summary>${method}</summary>
        ${table}`;
      return foldable(body, m === methods.length - 1);
    }),
  );
}
