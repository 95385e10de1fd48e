import sharp, { type Sharp } from 'sharp';
import type { Image } from '../../images/image.ts';

/** Values 0 .. 255, clipped and rounded (halves to the even neighbour) to 8 bits, as a file would hold them. */
export function rounded(values: Uint8Array | Float32Array): Uint8Array {
  return values instanceof Uint8Array ? values : new Uint8Array(Uint8ClampedArray.from(values).buffer);
}

/** The image with 8 bits, for sharp to work on. */
export function opened({ width, height, data }: Image): Sharp {
  return sharp(rounded(data), { raw: { width, height, channels: 3 } });
}

/** The pixels of what sharp made. */
export async function pixels(made: Sharp): Promise<Image> {
  const { data, info } = await made.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}
