import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  checksum,
  DamagedFileError,
  fileBytes,
  makeFolder,
  piecesOf,
  readRange,
  writeFileAtomic,
  type Bytes,
} from '@dualprior/core';
import type { Vectors } from './vectors.ts';

/** The first line of a file of vectors: what they were made with, and of which images. The float32 of the vectors follow. */
interface VectorsHead {
  /** Extractor, its weights, its layers, resizing (`ImageVectors.key`). */
  readonly source: string;
  /** Identity of the data set. */
  readonly data: string;
  readonly length: number;
  /** Name and fingerprint of each image. */
  readonly images: readonly (readonly [name: string, fingerprint: string])[];
}

/** The head as it stands in the file: with a checksum of itself and the vectors, which files of older versions lack. */
interface Head extends VectorsHead {
  readonly crc32?: string;
}

const FEED = 0x0a;

export function writeVectors(file: string, head: VectorsHead, { values }: Vectors): void {
  makeFolder(dirname(file));
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const whole: Head = { ...head, crc32: checksumOf(head, bytes) };
  writeFileAtomic(file, (unfinished) => {
    unfinished.append(Buffer.from(`${JSON.stringify(whole)}\n`));
    unfinished.append(bytes);
  });
}

/**
 * Undefined where there is no such file, or only a part of one. Errors: `DamagedFileError` where the checksum is wrong.
 * @param remedy what to do then
 */
export function readVectors(
  file: string,
  remedy: string,
): { readonly head: VectorsHead; readonly vectors: Vectors } | undefined {
  if (!existsSync(file)) return undefined;
  const bytes = fileBytes(file);
  const end = positionOf(FEED, bytes);
  const found = end === undefined ? undefined : parseHead(readRange(bytes, 0, end));
  if (!found) return undefined;
  const { crc32, ...head } = found;
  const count = head.images.length;
  if (bytes.size - end! - 1 !== count * head.length * Float32Array.BYTES_PER_ELEMENT) return undefined;
  const values = new Float32Array(count * head.length);
  const body = new Uint8Array(values.buffer);
  bytes.fill(body, end! + 1);
  if (crc32 !== undefined && crc32 !== checksumOf(head, body)) {
    throw new DamagedFileError(`${file} is damaged: its checksum is wrong. ${remedy}`);
  }
  return { head, vectors: { count, length: head.length, values } };
}

/** Count of the images of different pixels. */
export function differentImages({ images }: VectorsHead): number {
  return new Set(images.map(([, fingerprint]) => fingerprint)).size;
}

function parseHead(line: Uint8Array): Head | undefined {
  try {
    const head = JSON.parse(new TextDecoder().decode(line)) as Partial<Head>;
    return Array.isArray(head.images) ? (head as Head) : undefined;
  } catch {
    return undefined;
  }
}

function checksumOf(head: VectorsHead, body: Uint8Array): string {
  return checksum(body, checksum(Buffer.from(JSON.stringify(head))))
    .toString(16)
    .padStart(8, '0');
}

function positionOf(byte: number, bytes: Bytes): number | undefined {
  let begin = 0;
  for (const piece of piecesOf(bytes)) {
    const found = piece.indexOf(byte);
    if (found >= 0) return begin + found;
    begin += piece.length;
  }
  return undefined;
}
