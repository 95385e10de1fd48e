import sharp from 'sharp';
import type { Image } from './image.ts';

/**
 * Reads an image file as 8-bit sRGB: turned as its EXIF orientation says, transparency on white, grey as RGB. With `size`, the middle
 * square is resized to that side (Lanczos). Errors: those of the decoder.
 */
export async function decode(file: string, size: number | undefined): Promise<Image> {
  const upright = sharp(file, { failOn: 'error' }).rotate().toColourspace('srgb').flatten({ background: 'white' });
  const sized = size === undefined ? upright : upright.resize(size, size, { fit: 'cover', kernel: 'lanczos3' });
  const { data, info } = await sized.removeAlpha().raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: rgb(data, info.channels) };
}

function rgb(data: Uint8Array, channels: number): Uint8Array {
  if (channels === 3) return new Uint8Array(data);
  const values = new Uint8Array((data.length / channels) * 3);
  for (let i = 0; i < values.length; i++) values[i] = data[Math.floor(i / 3) * channels]!;
  return values;
}
