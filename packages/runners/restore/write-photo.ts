import { writeFileAtomic } from '@dualprior/core';
import type { Sharp } from 'sharp';
import { FORMATS, type PhotoFormat } from './photo-format.ts';
import { asStored, openPhoto, readStored, SPACE, type PhotoFacts } from './photo.ts';
import { clipped, type RestoredPicture } from './picture.ts';
import { UnusablePhoto } from './unusable-photo.ts';

const MILLIMETRES_PER_INCH = 25.4;

/** Luma of Rec. 709, which sRGB shares: what grey of a photograph becomes of red, green and blue. */
const LUMA = [0.2126, 0.7152, 0.0722] as const;

/** Errors: `UnusablePhoto` for a photograph that a file of this format cannot hold. */
export function checkFits({ width, height, hasAlpha }: PhotoFacts, format: PhotoFormat): void {
  const { longest, hasAlpha: holdsAlpha } = FORMATS[format];
  const name = format.toUpperCase();
  if (hasAlpha && !holdsAlpha) {
    throw new UnusablePhoto(`it has transparency, which ${name} does not hold; give --format png`);
  }
  if (Math.max(width, height) > longest) {
    throw new UnusablePhoto(
      `it is ${width}x${height}, and ${name} holds ${longest} pixels a side at most; give --format png`,
    );
  }
}

interface WriteOptions {
  readonly format: PhotoFormat;
  /** The quality of JPEG, WebP and AVIF, 1 to 100. */
  readonly quality: number;
}

/**
 * Writes a restored photograph whole or not at all. All but the colours stays as in the file that it was made of: EXIF, orientation, colour profile, XMP,
 * transparency, 16 bits where the format holds them, grey.
 *
 * For that, sharp reads that file again, and the exclusive or with both pictures' difference puts the new colours in place of the old ones.
 */
export async function writePhoto(
  file: string,
  picture: RestoredPicture,
  facts: PhotoFacts,
  { format, quality }: WriteOptions,
): Promise<void> {
  const { isGrey, hasAlpha, bits, density } = facts;
  const before = await readStored(facts);
  const isDeep = bits === 16 && FORMATS[format].isDeep;
  const difference = exclusiveOr(before.data, asStored(picture, facts.orientation).data, { isGrey, hasAlpha, isDeep });
  const { width, height } = before;
  const channels = ((isGrey ? 1 : 3) + (hasAlpha ? 1 : 0)) as 1 | 2 | 3 | 4;
  const space = SPACE[isGrey ? 'grey' : 'colour'][isDeep ? 16 : 8];
  const replaced = kept(facts)
    .boolean(difference as unknown as Buffer, 'eor', { raw: { width, height, channels } })
    .toColourspace(space);
  const sized = density === undefined ? replaced : replaced.withDensity(density);
  const bytes = await encoded(sized, format, quality, density).toBuffer();
  writeFileAtomic(file, (unfinished) => unfinished.append(bytes));
}

/** The file that a photograph was read from, with what stays of it beside the colours. CMYK becomes sRGB, so that its profile would be wrong. */
function kept(facts: PhotoFacts): Sharp {
  const image = openPhoto(facts);
  return facts.isCmyk ? image.keepExif().keepXmp() : image.keepMetadata();
}

function encoded(image: Sharp, format: PhotoFormat, quality: number, density: number | undefined): Sharp {
  switch (format) {
    case 'png':
      return image.png();
    case 'jpeg':
      return image.jpeg({ quality, chromaSubsampling: '4:4:4' });
    case 'webp':
      return image.webp({ quality, exact: true });
    case 'avif':
      return image.avif({ quality, chromaSubsampling: '4:4:4' });
    case 'tiff': {
      const perMillimetre = density === undefined ? {} : resolution(density / MILLIMETRES_PER_INCH);
      return image.tiff({ compression: 'deflate', predictor: 'horizontal', ...perMillimetre });
    }
  }
}

function resolution(perMillimetre: number): { xres: number; yres: number } {
  return { xres: perMillimetre, yres: perMillimetre };
}

interface Kind {
  readonly isGrey: boolean;
  readonly hasAlpha: boolean;
  /** Whether the file that is written has 16 bits. */
  readonly isDeep: boolean;
}

/** What turns the colours of a file into the restored ones; zero for transparency. */
function exclusiveOr(
  before: Uint8Array | Uint16Array | Float32Array,
  restored: Float32Array,
  { isGrey, hasAlpha, isDeep }: Kind,
): Uint8Array | Uint16Array {
  const colours = isGrey ? 1 : 3;
  const channels = colours + (hasAlpha ? 1 : 0);
  const pixels = restored.length / 3;
  const is16 = before instanceof Uint16Array;
  const values = is16 ? new Uint16Array(pixels * channels) : new Uint8Array(pixels * channels);
  // 16 bits that are written as 8 lose the lower half: what is left is to be the nearest value.
  const number = (value: number) =>
    is16 && isDeep ? Math.round(clipped(value) * 65_535) : Math.round(clipped(value) * 255) * (is16 ? 257 : 1);
  const staysGrey = isGrey || isAllGrey(before);
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < colours; c++) {
      const value = staysGrey ? luma(restored, i) : restored[3 * i + c]!;
      values[channels * i + c] = before[colours * i + c]! ^ number(value);
    }
  }
  return values;
}

/** Whether a photograph in RGB shows no colour at all. */
function isAllGrey(colours: ArrayLike<number>): boolean {
  for (let i = 0; i < colours.length; i += 3) {
    if (colours[i] !== colours[i + 1] || colours[i] !== colours[i + 2]) return false;
  }
  return true;
}

function luma(restored: Float32Array, pixel: number): number {
  return (
    LUMA[0] * clipped(restored[3 * pixel]!) +
    LUMA[1] * clipped(restored[3 * pixel + 1]!) +
    LUMA[2] * clipped(restored[3 * pixel + 2]!)
  );
}
