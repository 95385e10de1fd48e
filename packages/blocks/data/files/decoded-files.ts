import { createHash, randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { cacheFolder, makeFolder } from '@dualprior/core';
import sharp from 'sharp';
import type { Image } from '../../images/image.ts';

const MAGIC = 'DPI1';
/** Magic, width, height, checksum of the pixels (4 bytes each, little-endian), and what the file was when it was decoded (16 bytes). */
const HEADER = 32;

/**
 * Decoded images, kept on the disk: what is read again is what was decoded, bit by bit. A file that has changed since, and a kept image that
 * is damaged, are decoded again. Where one cannot be written, it is not kept.
 */
export class DecodedFiles {
  constructor(readonly folder = join(cacheFolder(), 'images')) {}

  /** Errors: the folder cannot be made. */
  prepare(): void {
    makeFolder(this.folder);
  }

  /**
   * The image in a file, decoded by `read` unless it is kept. Errors: those of `read`.
   * @param size as that of `decode`
   */
  async get(file: string, size: number | undefined, read: () => Promise<Image>): Promise<Image> {
    const state = await stateOf(file);
    if (state === undefined) return read();
    const kept = join(this.folder, `${digest([file, size ?? null, sharp.versions]).toString('hex')}.rgb`);
    const known = await readFile(kept).catch(() => undefined);
    const image = known && imageIn(known, state);
    if (image) return image;
    const decoded = await read();
    await write(kept, decoded, state).catch(() => {});
    return decoded;
  }
}

/** What tells whether a file was changed; undefined where it is not there. */
async function stateOf(file: string): Promise<Buffer | undefined> {
  try {
    const { size, ino, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    return digest([size, ino, mtimeNs, ctimeNs].map(String));
  } catch {
    return undefined;
  }
}

/** The image in the bytes of a kept one; undefined where they are damaged, or of another state of its file. */
function imageIn(bytes: Buffer, state: Buffer): Image | undefined {
  if (bytes.length < HEADER || bytes.toString('latin1', 0, 4) !== MAGIC) return undefined;
  const [width, height, sum] = [4, 8, 12].map((at) => bytes.readUInt32LE(at)) as [number, number, number];
  const data = new Uint8Array(bytes.buffer, bytes.byteOffset + HEADER, bytes.length - HEADER);
  const isWhole = data.length === 3 * width * height && crc32(data) === sum;
  return isWhole && state.equals(bytes.subarray(16, HEADER)) ? { width, height, data } : undefined;
}

/** The kept image or none: another thread may write the same, or be ended meanwhile. */
async function write(kept: string, { width, height, data }: Image, state: Buffer): Promise<void> {
  const pixels = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const header = Buffer.alloc(HEADER);
  header.write(MAGIC, 'latin1');
  [width, height, crc32(pixels)].forEach((value, i) => header.writeUInt32LE(value, 4 + 4 * i));
  state.copy(header, 16);
  const part = `${kept}.${randomUUID()}`;
  try {
    await writeFile(part, Buffer.concat([header, pixels]));
    await rename(part, kept);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** 16 bytes. */
function digest(value: unknown): Buffer {
  return createHash('sha256').update(JSON.stringify(value)).digest().subarray(0, 16);
}
