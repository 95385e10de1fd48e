import { INPUT } from '../../evaluation/results.ts';
import type { RunRecord } from '../report.ts';
import type { ImageStore } from './image-store.ts';
import type { Section } from './section.ts';
import { slider } from './slider.ts';

/** How the sharp image is called. */
export const SHARP = 'sharp image';

/** Two results of one image on top of each other with a divider: any image, any two of input, methods and sharp image. */
export async function sliderSection(
  { pictures, results }: RunRecord,
  images: ImageStore,
): Promise<Section | undefined> {
  if (pictures.length === 0) return undefined;
  const methods = results.rows.map(({ method }) => method).filter((method) => method !== INPUT);
  const body = await slider(
    {
      choices: [{ label: 'Image', options: pictures.map(({ name }, i) => `${i + 1} · ${name}`) }],
      labels: [INPUT, ...methods, SHARP],
      left: INPUT,
      right: methods.at(-1) ?? SHARP,
      frames: pictures.map(({ rows, sharp }, i) => ({
        of: [i],
        files: sharp === undefined ? rows : new Map([...rows, [SHARP, sharp]]),
      })),
    },
    images,
  );
  return { id: 'slider', title: 'Before and after', body };
}
