import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '@dualprior/core';
import writeFileAtomic from 'write-file-atomic';
import type { Vectors } from './vectors.ts';

/** The first line of a file of vectors: what they were made with, and of which images. The float32 of the vectors follow. */
export interface VectorsHead {
  /** Extractor, its weights, its layers, resizing (`ImageVectors.key`). */
  readonly source: string;
  /** Identity of the data set. */
  readonly data: string;
  readonly length: number;
  /** Name and fingerprint of each image. */
  readonly images: readonly (readonly [name: string, fingerprint: string])[];
}

export function writeVectors(file: string, head: VectorsHead, { values }: Vectors): void {
  makeFolder(dirname(file));
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  writeFileAtomic.sync(file, Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), bytes]));
}

/** Undefined where there is no such file, or only a part of one. */
export function readVectors(file: string): { readonly head: VectorsHead; readonly vectors: Vectors } | undefined {
  if (!existsSync(file)) return undefined;
  const bytes = readFileSync(file);
  const end = bytes.indexOf('\n');
  const head = parseHead(bytes.subarray(0, end));
  const body = new Uint8Array(bytes.subarray(end + 1));
  if (!head || body.byteLength !== head.images.length * head.length * Float32Array.BYTES_PER_ELEMENT) return undefined;
  return { head, vectors: { count: head.images.length, length: head.length, values: new Float32Array(body.buffer) } };
}

/** Count of the images of different pixels. */
export function differentImages({ images }: VectorsHead): number {
  return new Set(images.map(([, fingerprint]) => fingerprint)).size;
}

function parseHead(line: Uint8Array): VectorsHead | undefined {
  try {
    const head = JSON.parse(new TextDecoder().decode(line)) as Partial<VectorsHead>;
    return Array.isArray(head.images) ? (head as VectorsHead) : undefined;
  } catch {
    return undefined;
  }
}
