import type { Image } from '@dualprior/blocks';
import sharp from 'sharp';

const GAP = 2;

/** A PNG of images in a grid: `rows[r][c]`, on white with thin gaps. Cells are as large as the largest image. */
export async function contactSheet(rows: readonly (readonly Image[])[]): Promise<Buffer> {
  const width = Math.max(...rows.flat().map((image) => image.width));
  const height = Math.max(...rows.flat().map((image) => image.height));
  const columns = Math.max(...rows.map((row) => row.length));
  const composites = rows.flatMap((row, r) =>
    row.map((image, c) => ({
      input: Buffer.from(image.data),
      raw: { width: image.width, height: image.height, channels: 3 as const },
      left: c * (width + GAP),
      top: r * (height + GAP),
    })),
  );
  return sharp({
    create: {
      width: columns * (width + GAP) - GAP,
      height: rows.length * (height + GAP) - GAP,
      channels: 3,
      background: 'white',
    },
  })
    .composite(composites)
    .png()
    .toBuffer();
}

/** One image as a PNG. */
export async function png(image: Image): Promise<Buffer> {
  return sharp(Buffer.from(image.data), { raw: { width: image.width, height: image.height, channels: 3 } })
    .png()
    .toBuffer();
}
