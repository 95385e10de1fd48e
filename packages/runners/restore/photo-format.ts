import { extname } from 'node:path';

/** A format of files that photographs are read from and written to, as sharp calls it. */
export type PhotoFormat = 'png' | 'jpeg' | 'webp' | 'avif' | 'tiff';

interface FormatFacts {
  /** Endings of file names; the first is given to new files. */
  readonly endings: readonly string[];
  /** Whether it holds 16 bits. */
  readonly isDeep: boolean;
  /** Whether it holds transparency. */
  readonly hasAlpha: boolean;
  /** The longest side that it holds, in pixels. */
  readonly longest: number;
}

export const FORMATS: Readonly<Record<PhotoFormat, FormatFacts>> = {
  png: { endings: ['.png'], isDeep: true, hasAlpha: true, longest: 2 ** 31 - 1 },
  jpeg: { endings: ['.jpg', '.jpeg', '.jpe', '.jfif'], isDeep: false, hasAlpha: false, longest: 65_535 },
  webp: { endings: ['.webp'], isDeep: false, hasAlpha: true, longest: 16_383 },
  avif: { endings: ['.avif'], isDeep: false, hasAlpha: true, longest: 16_384 },
  tiff: { endings: ['.tif', '.tiff'], isDeep: true, hasAlpha: true, longest: 2 ** 31 - 1 },
};

export const FORMAT_NAMES = Object.keys(FORMATS) as PhotoFormat[];

/** The format that a file name means; undefined where it is none of them. */
export function formatOfName(name: string): PhotoFormat | undefined {
  const ending = extname(name).toLowerCase();
  return FORMAT_NAMES.find((format) => FORMATS[format].endings.includes(ending));
}
