import { damageOf, flip, quarterTurn, type Pixels, type Size } from '@dualprior/blocks';
import sharp, { type Metadata, type Sharp } from 'sharp';
import type { PhotoFormat } from './photo-format.ts';
import type { Picture } from './picture.ts';
import { UnusablePhoto } from './unusable-photo.ts';

/** Photographs of more pixels are taken for an attack: 16,383 x 16,383. */
export const MOST_PIXELS = 16_383 ** 2;

/** What the head of an image file says. */
export interface PhotoFacts extends Size {
  readonly file: string;
  readonly format: PhotoFormat;
  readonly bits: 8 | 16;
  readonly isGrey: boolean;
  readonly hasAlpha: boolean;
  /** Whether the photograph is in CMYK, which becomes sRGB. */
  readonly isCmyk: boolean;
  /** EXIF orientation, 1 to 8. Width and height are those of the picture upright. */
  readonly orientation: number;
  /** Pixels per inch, where the file tells. */
  readonly density: number | undefined;
}

const SPACES: readonly string[] = ['srgb', 'rgb16', 'b-w', 'grey16', 'cmyk'];

/** Reads the head of an image file. Errors: `UnusablePhoto`. */
export async function readFacts(file: string): Promise<PhotoFacts> {
  const { format, depth, space, pages = 1, density, ...facts } = await head(file);
  const known = format === 'heif' && facts.compression === 'av1' ? 'avif' : format;
  if (!isPhotoFormat(known)) {
    throw new UnusablePhoto(`it is ${known.toUpperCase()}; convert it to PNG, JPEG, WebP, AVIF or TIFF`);
  }
  if (pages > 1) throw new UnusablePhoto(`it holds ${pages} pictures; save the one that is meant as a file of its own`);
  if (depth !== 'uchar' && depth !== 'ushort') {
    throw new UnusablePhoto(`its pixels are ${depth} numbers, of which no range is known; convert it to 8 or 16 bits`);
  }
  if (!SPACES.includes(space) || (space === 'cmyk' && depth === 'ushort')) {
    throw new UnusablePhoto(`its colours are ${space} of ${depth === 'uchar' ? 8 : 16} bits; convert it to RGB`);
  }
  const { width, height } = facts.autoOrient;
  if (width * height > MOST_PIXELS) {
    throw new UnusablePhoto(`it is ${width}x${height}, and more than ${MOST_PIXELS} pixels are not taken`);
  }
  return {
    file,
    format: known,
    width,
    height,
    bits: depth === 'ushort' ? 16 : 8,
    isGrey: space === 'b-w' || space === 'grey16',
    hasAlpha: facts.hasAlpha,
    isCmyk: space === 'cmyk',
    orientation: facts.orientation ?? 1,
    density,
  };
}

/**
 * The colours of a photograph, upright: as they are in its file, whatever its profile says they look like, so that its profile fits the result too;
 * grey as RGB. Errors: `UnusablePhoto`.
 */
export async function readPicture(facts: PhotoFacts): Promise<Picture> {
  const stored = await readStored(facts);
  const rgb = facts.isGrey ? { ...stored, data: tripled(stored.data) } : stored;
  return { ...upright(rgb, facts.orientation), white: facts.bits === 16 ? 65_535 : 255 };
}

/** The colours as they lie in the file: one channel of grey, else three. Errors: `UnusablePhoto`. */
export async function readStored(facts: PhotoFacts): Promise<Pixels> {
  const { file, isGrey, bits } = facts;
  const space = SPACE[isGrey ? 'grey' : 'colour'][bits];
  const depth = bits === 16 ? 'ushort' : 'uchar';
  try {
    const image = openPhoto(facts).removeAlpha().toColourspace(space).raw({ depth });
    const { data, info } = await image.toBuffer({ resolveWithObject: true });
    const values = bits === 16 ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : new Uint8Array(data);
    return { width: info.width, height: info.height, data: values };
  } catch (error) {
    throw new UnusablePhoto(damageOf(file, error as Error));
  }
}

/** The file in sharp, its colours as they are. */
export function openPhoto({ file, isCmyk }: Pick<PhotoFacts, 'file' | 'isCmyk'>): Sharp {
  return sharp(file, { failOn: 'error', limitInputPixels: MOST_PIXELS, ignoreIcc: !isCmyk });
}

/** Names of colour spaces in sharp, by the bits of a channel. */
export const SPACE = {
  grey: { 8: 'b-w', 16: 'grey16' },
  colour: { 8: 'srgb', 16: 'rgb16' },
} as const;

/** A picture as it lies in a file with this EXIF orientation, turned upright. */
function upright<P extends Pixels>(stored: P, orientation: number): P {
  const { isFlipped, turns } = WAYS[orientation - 1]!;
  return quarterTurn(isFlipped ? flip(stored) : stored, turns);
}

/** The contrary. */
export function asStored<P extends Pixels>(picture: P, orientation: number): P {
  const { isFlipped, turns } = WAYS[orientation - 1]!;
  const turned = quarterTurn(picture, -turns);
  return isFlipped ? flip(turned) : turned;
}

/** How each EXIF orientation becomes upright: mirrored left and right, then turned clockwise by quarters. */
const WAYS = [
  { isFlipped: false, turns: 0 },
  { isFlipped: true, turns: 0 },
  { isFlipped: false, turns: 2 },
  { isFlipped: true, turns: 2 },
  { isFlipped: true, turns: 3 },
  { isFlipped: false, turns: 1 },
  { isFlipped: true, turns: 1 },
  { isFlipped: false, turns: 3 },
];

async function head(file: string): Promise<Metadata> {
  try {
    return await sharp(file, { failOn: 'error', limitInputPixels: false }).metadata();
  } catch (error) {
    throw new UnusablePhoto(damageOf(file, error as Error));
  }
}

function isPhotoFormat(format: string): format is PhotoFormat {
  return ['png', 'jpeg', 'webp', 'avif', 'tiff'].includes(format);
}

function tripled(grey: Pixels['data']): Pixels['data'] {
  const values = grey instanceof Uint16Array ? new Uint16Array(grey.length * 3) : new Uint8Array(grey.length * 3);
  for (let i = 0; i < values.length; i++) values[i] = grey[Math.floor(i / 3)]!;
  return values;
}
