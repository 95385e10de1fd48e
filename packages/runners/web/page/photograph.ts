import { uprightExif } from './exif.ts';
import { loaded } from './loaded.ts';
import { metadataOf, type FileBytes, type FileMetadata } from './metadata.ts';
import { pngWithExif } from './png-exif.ts';
import { isTurned } from './turned.ts';
import { isWideGamut } from './wide-gamut.ts';

/** A photograph that the visitor gave. */
export interface Photograph {
  readonly file: File;
  /** As the browser shows it, in sRGB, or of a wide gamut in Display P3 where the browser can. */
  readonly image: ImageData;
  /** With the orientation that is left to do. */
  readonly exif: FileBytes | undefined;
  /** Address of the file, for the page. */
  readonly url: string;
}

/** A message for the visitor. */
export class Trouble extends Error {}

/** More pixels are refused: a browser takes about 30 bytes for each. */
const MOST_PIXELS = 40e6;
/** Canvases of browsers are no longer. */
const LONGEST = 16_384;

/** Reads a file. Errors: `Trouble` for one that is no image, or is too large. */
export async function readPhotograph(file: File): Promise<Photograph> {
  const url = URL.createObjectURL(file);
  try {
    const image = await decoded(url, file.name);
    const metadata = await metadataOf(file);
    const space = metadata.profile && isWideGamut(metadata.profile) ? 'display-p3' : 'srgb';
    return { file, url, image: pixelsOf(image, space, file.name), exif: await exifOf(file, image, metadata) };
  } catch (error) {
    URL.revokeObjectURL(url);
    throw error;
  }
}

async function decoded(url: string, name: string): Promise<HTMLImageElement> {
  const unread = new Trouble(
    `“${name}” is no image that this browser can read. Choose a photograph: JPEG, PNG, WebP or AVIF.`,
  );
  // Its size is known before its pixels are decoded, which for a hostile file would take all memory.
  const image = await loaded(url).catch(() => Promise.reject(unread));
  const { naturalWidth: width, naturalHeight: height } = image;
  if (width === 0 || height === 0) throw unread;
  checkSize(width, height, name);
  await image.decode().catch(() => Promise.reject(unread));
  return image;
}

async function exifOf(file: File, image: HTMLImageElement, { exif, exifAt }: FileMetadata) {
  const upright = exif && uprightExif(exif);
  if (!upright || upright.every((byte, i) => byte === exif[i])) return upright;
  return (await isTurned(image, file, upright, exifAt!)) ? upright : exif;
}

function checkSize(width: number, height: number, name: string): void {
  if (width * height <= MOST_PIXELS && Math.max(width, height) <= LONGEST) return;
  throw new Trouble(
    `“${name}” is too large for this page: ${width.toLocaleString('en')} × ${height.toLocaleString('en')} pixels. ` +
      `It takes ${MOST_PIXELS / 1e6} million pixels, and sides of ${LONGEST.toLocaleString('en')}. The command “yarn restore” takes larger ones.`,
  );
}

function pixelsOf(image: HTMLImageElement, colorSpace: PredefinedColorSpace, name: string): ImageData {
  const { naturalWidth: width, naturalHeight: height } = image;
  try {
    const context = canvas(width, height).getContext('2d', { willReadFrequently: true, colorSpace })!;
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, width, height);
  } catch {
    throw new Trouble(`“${name}” needs more memory than this browser gives. Choose a smaller photograph.`);
  }
}

/** Its pixels without transparency: RGB. */
export function coloursOf({ data }: ImageData): Uint8Array<ArrayBuffer> {
  const colours = new Uint8Array((data.length / 4) * 3);
  for (let from = 0, to = 0; from < data.length; from += 4) {
    colours[to++] = data[from]!;
    colours[to++] = data[from + 1]!;
    colours[to++] = data[from + 2]!;
  }
  return colours;
}

/** Luma of Rec. 709. */
const LUMA = [0.2126, 0.7152, 0.0722] as const;

/** A PNG of restored colours, with the transparency, the EXIF and the colour space that the photograph had. What was all grey stays grey. */
export async function toPng(colours: Uint8Array, { image, exif }: Photograph): Promise<Blob> {
  const { width, height, colorSpace } = image;
  const data = new Uint8ClampedArray(image.data);
  const isGrey = data.every((value, i) => i % 4 === 3 || value === data[i - (i % 4)]);
  for (let from = 0, to = 0; to < data.length; from += 3, to += 4) {
    const [red, green, blue] = [colours[from]!, colours[from + 1]!, colours[from + 2]!];
    const luma = LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue;
    data[to] = isGrey ? luma : red;
    data[to + 1] = isGrey ? luma : green;
    data[to + 2] = isGrey ? luma : blue;
  }
  const target = canvas(width, height);
  const restored = new ImageData(data, width, height, { colorSpace });
  target.getContext('2d', { colorSpace })!.putImageData(restored, 0, 0);
  const png = await new Promise<Blob | null>((done) => target.toBlob(done, 'image/png'));
  if (png) return exif ? pngWithExif(png, exif) : png;
  throw new Trouble('The restored photograph needs more memory than this browser gives. Choose a smaller one.');
}

function canvas(width: number, height: number): HTMLCanvasElement {
  return Object.assign(document.createElement('canvas'), { width, height });
}
