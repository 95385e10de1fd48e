import { closeSync, openSync, readSync } from 'node:fs';

const BEGINNING = 64;

const begins =
  (...beginnings: string[]) =>
  (text: string): boolean =>
    beginnings.some((beginning) => text.toLowerCase().startsWith(beginning));

/** What a file holds instead of an image that can be read, by its first bytes. */
const CONTENTS: readonly (readonly [is: (text: string) => boolean, what: string])[] = [
  [(text) => text === '', 'it is empty'],
  [(text) => [...text].every((byte) => byte === '\0'), 'it holds nothing but zero bytes'],
  [begins('version https://git-lfs'), 'it is a pointer of Git LFS; `git lfs pull` fetches the image'],
  [begins('<!doctype html', '<html'), 'it is a web page'],
  [begins('bm'), 'it is a BMP image, which cannot be read; convert it to PNG'],
  [(text) => /^ftyp(hei|mif|msf)/.test(text.slice(4)), 'it is a HEIC image, which cannot be read; convert it to PNG'],
  [begins('\xff\n', '\0\0\0\fjxl '), 'it is a JPEG XL image, which cannot be read; convert it to PNG'],
  [begins('\0\x05\x16\x07'), 'it is an AppleDouble file, which macOS leaves beside an image'],
];

const SYSTEM: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there any more',
  ELOOP: 'it is a link in a circle',
  ENOTDIR: 'it is not there any more',
  EISDIR: 'it is a folder',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
};

/** Errors of the machine, not of one file: another attempt may do. */
const OVERLOADED = new Set(['EMFILE', 'ENFILE', 'ENOMEM']);

/** JPEG, PNG, GIF, TIFF, WebP and AVIF. */
const IMAGE = /^(\xff\xd8|\x89PNG|GIF8|II[*+]|MM\0[*+]|RIFF....WEBP|....ftypavi)/s;

/**
 * Why an image file cannot be read, for display. Of the decoder's error only that there is one counts: where several threads decode, its words
 * may be about another file, or "Unknown error". Errors: the system is out of something.
 */
export function damageOf(file: string, error: Error): string {
  const beginning = beginningOf(file);
  if ('reason' in beginning) return beginning.reason;
  const known = CONTENTS.find(([is]) => is(beginning.text))?.[1];
  if (known !== undefined) return known;
  if (/pixel limit/.test(error.message)) return 'it has more pixels than can be decoded (16,383 x 16,383)';
  return IMAGE.test(beginning.text)
    ? 'it cannot be decoded (damaged or cut off)'
    : 'it cannot be decoded (not an image of a format that can be read)';
}

function beginningOf(file: string): { readonly text: string } | { readonly reason: string } {
  let handle: number | undefined;
  try {
    handle = openSync(file, 'r');
    const bytes = Buffer.alloc(BEGINNING);
    return { text: bytes.toString('latin1', 0, readSync(handle, bytes)) };
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (OVERLOADED.has(code)) throw error;
    return { reason: SYSTEM[code] ?? message };
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
