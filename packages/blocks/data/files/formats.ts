import { extname } from 'node:path';

/**
 * The endings of the image files that are used: all that sharp's own build reads, but for drawings (SVG) and libvips' own files. Of a file
 * with several pages or frames the first one counts. The format itself follows from the content, whatever the name says.
 */
export const IMAGE_ENDINGS = [
  '.avif',
  '.gif',
  '.jfif',
  '.jpe',
  '.jpeg',
  '.jpg',
  '.png',
  '.tif',
  '.tiff',
  '.webp',
] as const;

/** Endings of what holds images but cannot be read: a folder that has some was meant to be used with them. */
const UNREAD =
  /^\.(arw|bmp|cr2|cr3|dds|dib|dng|exr|hdr|heic|heif|hif|j2k|jp2|jxl|mov|mp4|nef|orf|pbm|pcx|pgm|pnm|ppm|psd|raf|rw2|svg|tga|zip)$/;

const READ: ReadonlySet<string> = new Set(IMAGE_ENDINGS);

/** Whether a file with this name is taken for an image. */
export function isImageName(name: string): boolean {
  return READ.has(extname(name).toLowerCase());
}

/** Files that are not used, by how their names end, most first: `12 .bmp, 1 without an ending`. */
export function countEndings(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) {
    const ending = endingOf(name) || 'without an ending';
    counts.set(ending, (counts.get(ending) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([ending, count]) => `${count} ${ending}`)
    .join(', ');
}

/** Whether one of these files is an image, though none that can be read. */
export function hasUnreadImages(names: readonly string[]): boolean {
  return names.some((name) => UNREAD.test(endingOf(name)));
}

function endingOf(name: string): string {
  return extname(name).toLowerCase();
}
