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
import { fromJournalNumber, makeFolder, toJournalNumber, type JournalNumber } from '@dualprior/core';
import type { Vectors } from '@dualprior/blocks';
import writeFileAtomic from 'write-file-atomic';

/** What is measured of one test image. */
export interface MeasuredImage {
  readonly name: string;
  readonly values: readonly number[];
  /** Of the sharp image (`imageFingerprint`), where it is kept. */
  readonly fingerprint?: string;
}

type Saved = Omit<MeasuredImage, 'values'> & { readonly values: readonly JournalNumber[] };

const ROWS = 'rows.jsonl';
const IDENTITY = 'identity';
const BYTES = Float32Array.BYTES_PER_ELEMENT;

/**
 * What an evaluation has measured, image after image, in a folder: a line an image, and a file of float32 for each kind of vectors. It is only
 * ever added to, so whatever stops the process, all images up to some one are there; what is half written is cut off.
 */
export class MeasuredSoFar {
  readonly rows: MeasuredImage[];

  /**
   * Goes on with what an earlier process with the same identity has left; of another one, begins anew.
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
    const count = Math.min(lines.length, ...whole);
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
    vectors.forEach(({ buffer, byteOffset, byteLength }, kind) =>
      append(this.#vectorsFile(kind), new Uint8Array(buffer, byteOffset, byteLength)),
    );
    append(this.#rowsFile, Buffer.from(images.map((image) => `${encode(image)}\n`).join('')));
    this.rows.push(...images);
  }

  /** All vectors of one kind so far. */
  vectors(kind: number): Vectors {
    const [count, length] = [this.rows.length, this.lengths[kind]!];
    const bytes = count === 0 ? new Uint8Array() : readFileSync(this.#vectorsFile(kind));
    return { count, length, values: new Float32Array(new Uint8Array(bytes).buffer, 0, count * length) };
  }

  /** Removes the folder. */
  discard(): void {
    rmSync(this.folder, { recursive: true, force: true });
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

function encode(image: MeasuredImage): string {
  return JSON.stringify({ ...image, values: image.values.map(toJournalNumber) } satisfies Saved);
}

function decode(line: string): MeasuredImage {
  const image = JSON.parse(line) as Saved;
  return { ...image, values: image.values.map(fromJournalNumber) };
}

/** Lines that have their end, and can be read. */
function completeLines(file: string): string[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  const damaged = lines.findIndex((line) => !isJson(line));
  return damaged < 0 ? lines : lines.slice(0, damaged);
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
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
