import sharp from 'sharp';
import { LocalFileError } from './local-file-error.ts';

const THUMBNAIL_SIDE = 256;

/** An image file as MLflow's image grid wants it: PNG, and a WebP of at most 256 pixels a side. */
export async function readImage(file: Buffer): Promise<{ png: Buffer; thumbnail: Buffer }> {
  try {
    const image = sharp(file);
    const { format } = await image.metadata();
    const png = format === 'png' ? file : await image.clone().png().toBuffer();
    const thumbnail = await image
      .clone()
      .resize({ width: THUMBNAIL_SIDE, height: THUMBNAIL_SIDE, fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 90 })
      .toBuffer();
    return { png, thumbnail };
  } catch (error) {
    throw new LocalFileError(`it is no image (${(error as Error).message})`);
  }
}
