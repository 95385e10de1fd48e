import { closeSync, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import sharp from 'sharp';
import { damageOf } from './damage.ts';
import { HandedOver } from './handed-over.ts';
import { pngHeader, type ImageHeader } from './png-header.ts';

const BEGINNING = 1024;

/** What is known of an image file without decoding it: its header, and which file of the disk it is. */
export interface Looked extends ImageHeader {
  /** Equal for two names of one file. */
  readonly identity: string;
}

/** Why an image cannot be read, for display. */
export interface Corrupt {
  readonly corrupt: string;
}

/**
 * Looks at an image file before it is used. Errors: none; why it cannot be read is returned.
 * @param wholly whether it is decoded to its end, not only its header
 */
export async function look(file: string, wholly: boolean): Promise<Looked | Corrupt> {
  const known = wholly ? undefined : ahead.take(file);
  if (known) return known;
  try {
    const { identity, beginning } = readBeginning(file);
    const quick = wholly ? undefined : pngHeader(beginning);
    const header = quick ?? (await decoded(file, wholly));
    return 'corrupt' in header ? header : { ...header, identity };
  } catch (error) {
    return { corrupt: damageOf(file, error as Error) };
  }
}

const ahead = new HandedOver<Looked>();

/** Reads the header of a file that is open for something else, so that the next `look` at it need not open it. */
export function lookAhead(file: string, handle: number, stats: Stats): void {
  const header = pngHeader(beginningOf(handle));
  if (header) ahead.keep(file, { ...header, identity: identityOf(stats) });
}

function readBeginning(file: string): { readonly identity: string; readonly beginning: Buffer } {
  const handle = openSync(file, 'r');
  try {
    return { identity: identityOf(fstatSync(handle)), beginning: beginningOf(handle) };
  } finally {
    closeSync(handle);
  }
}

function identityOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}

const buffer = Buffer.alloc(BEGINNING);

/** The bytes are overwritten by the next call. */
function beginningOf(handle: number): Buffer {
  return buffer.subarray(0, readSync(handle, buffer, 0, BEGINNING, 0));
}

async function decoded(file: string, wholly: boolean): Promise<ImageHeader | Corrupt> {
  const image = sharp(file, { failOn: 'error' });
  const { space, depth, hasAlpha, autoOrient } = await image.metadata();
  if (!isInteger(depth)) {
    return { corrupt: `its pixels are ${depth} numbers, of which no range is known; convert it to 8 or 16 bits` };
  }
  if (wholly) await image.raw().toBuffer(); // `stats` misses truncated files now and then
  const { width, height } = autoOrient;
  return { width, height, grey: space === 'b-w' || space === 'grey16', alpha: hasAlpha };
}

/** Whether the values of a file range over those of its type, as 8 and 16 bits do. */
function isInteger(depth: string): boolean {
  return depth === 'uchar' || depth === 'ushort';
}
