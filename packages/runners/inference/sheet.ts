import type { Image } from '@dualprior/blocks';
import sharp from 'sharp';

const GAP = 2;
/** In pixels; `width` is that of a wide letter. */
const LETTERS = { size: 11, height: 16, width: 7.5 };

/**
 * A PNG of images in a grid: `rows[r][c]`, on white with thin gaps. Cells are as large as the largest image. `labels` stand above
 * the columns; where images are too small for them, or for `least` (the width of an image, in pixels), every pixel is drawn as a square of several.
 */
export async function contactSheet(
  rows: readonly (readonly Image[])[],
  labels: readonly string[] = [],
  least = 1,
): Promise<Buffer> {
  const own = Math.max(...rows.flat().map((image) => image.width));
  const needed = Math.max(least, ...labels.map(({ length }) => length * LETTERS.width));
  const times = Math.ceil(needed / own);
  const width = times * own;
  const height = times * Math.max(...rows.flat().map((image) => image.height));
  const columns = Math.max(...rows.map((row) => row.length));
  const whole = columns * (width + GAP) - GAP;
  const head = labels.length > 0 ? LETTERS.height : 0;
  const cells = rows.flatMap((row, r) =>
    row.map(async (image, c) => ({
      ...(await cellOf(image, times)),
      left: c * (width + GAP),
      top: head + r * (height + GAP),
    })),
  );
  const composites = await Promise.all(cells);
  const lines = labels.map((label, c) => ({ label, left: c * (width + GAP), width }));
  return sharp({
    create: { width: whole, height: head + rows.length * (height + GAP) - GAP, channels: 3, background: 'white' },
  })
    .composite([...composites, ...(head > 0 ? [{ input: Buffer.from(labelLine(lines, whole)), left: 0, top: 0 }] : [])])
    .png()
    .toBuffer();
}

/** An image with every pixel `times` as wide and high, to be put into another one. */
async function cellOf({ width, height, data }: Image, times: number) {
  const own = { input: Buffer.from(data), raw: { width, height, channels: 3 as const } };
  if (times === 1) return own;
  const input = await sharp(own.input, { raw: own.raw })
    .resize(times * width, times * height, { kernel: 'nearest' })
    .raw()
    .toBuffer();
  return { input, raw: { width: times * width, height: times * height, channels: 3 as const } };
}

/** SVG of a line of text with a label at each place, cut off where its width ends. */
function labelLine(labels: readonly { label: string; left: number; width: number }[], width: number): string {
  const texts = labels.map(
    ({ label, left, width: room }) =>
      `<svg x="${left}" width="${room}" height="${LETTERS.height}"><text y="${LETTERS.size + 1}">${escaped(label)}</text></svg>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${LETTERS.height}" font-family="sans-serif" font-size="${LETTERS.size}">${texts.join('')}</svg>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** One image as a PNG. */
export async function png(image: Image): Promise<Buffer> {
  return sharp(Buffer.from(image.data), { raw: { width: image.width, height: image.height, channels: 3 } })
    .png()
    .toBuffer();
}
