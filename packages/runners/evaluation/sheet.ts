import type { Image } from '@dualprior/blocks';
import sharp from 'sharp';

const GAP = 2;

/** A PNG of images in a grid: `rows[r][c]`, all of one size, on white with thin gaps. */
export async function contactSheet(rows: readonly (readonly Image[])[]): Promise<Buffer> {
  const { width, height } = rows[0]![0]!;
  const columns = Math.max(...rows.map((row) => row.length));
  const composites = rows.flatMap((row, r) =>
    row.map((image, c) => ({
      input: Buffer.from(image.data),
      raw: { width, height, channels: 3 as const },
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
