import sharp from 'sharp';
import { LocalFileError } from '../store/run-file.ts';

const THUMBNAIL_SIDE = 256;

/**
 * An image file as MLflow's image grid wants it: the PNG, and what the grid shows, a WebP of at most 256 pixels a side.
 * The grid does not enlarge, so small images are enlarged here, by a whole factor with their pixels visible.
 */
export async function readImage(file: Buffer): Promise<{ png: Buffer; thumbnail: Buffer }> {
  try {
    const image = sharp(file);
    const { format, width, height } = await image.metadata();
    const png = format === 'png' ? file : await image.clone().png().toBuffer();
    const factor = Math.floor(THUMBNAIL_SIDE / Math.max(width, height));
    const resized =
      factor >= 2
        ? image.clone().resize({ width: width * factor, height: height * factor, kernel: 'nearest' })
        : image
            .clone()
            .resize({ width: THUMBNAIL_SIDE, height: THUMBNAIL_SIDE, fit: 'inside', withoutEnlargement: true });
    return { png, thumbnail: await resized.webp({ quality: 90 }).toBuffer() };
  } catch (error) {
    throw new LocalFileError(`it is no image (${(error as Error).message})`);
  }
}
