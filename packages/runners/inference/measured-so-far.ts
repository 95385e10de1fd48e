import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  checksum,
  fileBytes,
  fromJournalNumber,
  makeFolder,
  readRange,
  toJournalNumber,
  type JournalNumber,
} from '@dualprior/core';
import type { Vectors } from '@dualprior/blocks';
import writeFileAtomic from 'write-file-atomic';

/** What is measured of one test image. */
export interface MeasuredImage {
  readonly name: string;
  readonly values: readonly number[];
  /** The fingerprint of the sharp image (`imageFingerprint`), if it is kept. */
  readonly fingerprint?: string;
}

type Saved = Omit<MeasuredImage, 'values'> & {
  readonly values: readonly JournalNumber[];
  /** CRC-32 of the rest of the line and the image's vectors (absent in lines of older versions). */
  readonly crc32?: number;
};

const ROWS = 'rows.jsonl';
const IDENTITY = 'identity';
const BYTES = Float32Array.BYTES_PER_ELEMENT;

/**
 * What an evaluation has measured, image after image, in a folder: a line per image, and a file of float32 for each kind of vectors. It is only
 * ever added to, so whatever stops the process, all images up to some one are there; what is half written or damaged is cut off.
 */
export class MeasuredSoFar {
  readonly rows: MeasuredImage[];

  /**
   * Continues with the results of an earlier process with the same identity, or else starts over.
   * @param lengths of the kinds of vectors
   * @param batch images come in groups of so many: groups that are not whole are cut off
   */
  constructor(
    readonly folder: string,
    identity: string,
    private readonly lengths: readonly number[],
    batch: number,
  ) {
    if (!isOf(folder, identity)) {
      this.discard();
      makeFolder(folder);
      writeFileAtomic.sync(join(folder, IDENTITY), identity);
    }
    const lines = completeLines(this.#rowsFile);
    const whole = lengths.map((length, kind) => Math.floor(sizeOf(this.#vectorsFile(kind)) / (BYTES * length)));
    const count = this.#undamaged(lines.slice(0, Math.min(lines.length, ...whole)));
    const kept = lines.slice(0, count - (count % batch));
    this.rows = kept.map(decode);
    cut(
      this.#rowsFile,
      kept.reduce((bytes, line) => bytes + Buffer.byteLength(line) + 1, 0),
    );
    lengths.forEach((length, kind) => cut(this.#vectorsFile(kind), kept.length * length * BYTES));
  }

  /** Adds images with their vectors, one array a kind. On the disk when it returns. */
  add(images: readonly MeasuredImage[], vectors: readonly Float32Array[]): void {
    vectors.forEach((values, kind) => append(this.#vectorsFile(kind), bytesOf(values)));
    const lines = images.map((image, i) => {
      const own = vectors.map((values, kind) => bytesOf(values).subarray(...this.#range(kind, i)));
      return `${encode(image, own)}\n`;
    });
    append(this.#rowsFile, Buffer.from(lines.join('')));
    this.rows.push(...images);
  }

  /** All vectors of one kind so far. */
  vectors(kind: number): Vectors {
    const [count, length] = [this.rows.length, this.lengths[kind]!];
    const values = new Float32Array(count * length);
    if (count > 0) fileBytes(this.#vectorsFile(kind)).fill(bytesOf(values), 0);
    return { count, length, values };
  }

  /** Removes the folder. */
  discard(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** How many of the lines, from the first on, are as they were written, with their vectors. */
  #undamaged(lines: readonly string[]): number {
    if (lines.length === 0) return 0;
    const files = this.lengths.map((_, kind) => fileBytes(this.#vectorsFile(kind)));
    const damaged = lines.findIndex((line, i) => {
      const { crc32, ...saved } = JSON.parse(line) as Saved;
      const own = () => files.map((file, kind) => readRange(file, ...this.#range(kind, i)));
      return crc32 !== undefined && crc32 !== checksumOf(saved, own());
    });
    return damaged < 0 ? lines.length : damaged;
  }

  /** Where the vector of an image lies among those of its kind, in bytes. */
  #range(kind: number, image: number): [begin: number, end: number] {
    const size = this.lengths[kind]! * BYTES;
    return [image * size, (image + 1) * size];
  }

  get #rowsFile(): string {
    return join(this.folder, ROWS);
  }

  #vectorsFile(kind: number): string {
    return join(this.folder, `vectors-${kind}.f32`);
  }
}

function isOf(folder: string, identity: string): boolean {
  const file = join(folder, IDENTITY);
  return existsSync(file) && readFileSync(file, 'utf8') === identity;
}

/** @param vectors of the image */
function encode(image: MeasuredImage, vectors: readonly Uint8Array[]): string {
  const saved: Saved = { ...image, values: image.values.map(toJournalNumber) };
  return JSON.stringify({ ...saved, crc32: checksumOf(saved, vectors) } satisfies Saved);
}

function decode(line: string): MeasuredImage {
  const { crc32: _, ...image } = JSON.parse(line) as Saved;
  return { ...image, values: image.values.map(fromJournalNumber) };
}

function checksumOf(saved: Saved, vectors: readonly Uint8Array[]): number {
  return vectors.reduce((before, each) => checksum(each, before), checksum(Buffer.from(JSON.stringify(saved))));
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Lines that have their end, and can be read. */
function completeLines(file: string): string[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  const damaged = lines.findIndex((line) => !isMap(line));
  return damaged < 0 ? lines : lines.slice(0, damaged);
}

function isMap(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function cut(file: string, size: number): void {
  if (sizeOf(file) > size) truncateSync(file, size);
}

function append(file: string, bytes: Uint8Array): void {
  const handle = openSync(file, 'a');
  try {
    for (let from = 0; from < bytes.length;) from += writeSync(handle, bytes, from);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
