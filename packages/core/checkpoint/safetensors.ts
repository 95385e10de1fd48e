import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { StateDict, StateTensor } from '../nn/parameters.ts';
import { writeFileAtomic } from './atomic-file.ts';
import { byteSize, decode, isDType } from './dtype.ts';
import { parseFile, readBytes } from './file.ts';

const METADATA = '__metadata__';
const ALIGNMENT = 8;

export interface Safetensors {
  readonly tensors: StateDict;
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Writes tensors as float32 in the safetensors format (https://github.com/huggingface/safetensors): a reader sees the
 * old file or the new one, never a part of it, also after a power failure.
 */
export function writeSafetensors(file: string, tensors: StateDict, metadata: Record<string, string> = {}): void {
  const header = new Map<string, unknown>(Object.keys(metadata).length > 0 ? [[METADATA, metadata]] : []);
  let offset = 0;
  for (const [name, { shape, values }] of tensors) {
    header.set(name, { dtype: 'F32', shape, data_offsets: [offset, offset + values.byteLength] });
    offset += values.byteLength;
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const headerSize = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const start = Buffer.alloc(8 + headerSize, ' ');
  start.writeBigUInt64LE(BigInt(headerSize));
  start.set(json, 8);
  const data = [...tensors.values()].map(
    ({ values }) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  );
  writeFileAtomic(file, [start, ...data]);
}

/** Reads a safetensors file; other element types become float32. Errors: `UserError` if it is missing or damaged. */
export function readSafetensors(file: string): Safetensors {
  const bytes = readBytes(file);
  return parseFile(file, 'safetensors file', () => parse(bytes));
}

/** The metadata alone, without reading the tensors. Errors: `UserError` if the file is missing or its header damaged. */
export function readSafetensorsMetadata(path: string): Safetensors['metadata'] {
  return parseFile(path, 'safetensors file', () => {
    const file = openSync(path, 'r');
    try {
      const read = (count: number, at: number) => {
        const bytes = Buffer.alloc(count);
        return bytes.subarray(0, readSync(file, bytes, 0, count, at));
      };
      const { size } = fstatSync(file);
      return metadataOf(parseHeader(read(headerSize(read(8, 0), size), 8)));
    } finally {
      closeSync(file);
    }
  });
}

function parse(bytes: Uint8Array): Safetensors {
  const start = 8 + headerSize(bytes, bytes.length);
  const header = parseHeader(bytes.subarray(8, start));
  const data = bytes.subarray(start);
  const entries = Object.entries(header).filter(([name]) => name !== METADATA);
  return {
    tensors: new Map(entries.map(([name, entry]) => [name, parseTensor(name, entry, data)])),
    metadata: metadataOf(header),
  };
}

/** @param fileSize in bytes */
function headerSize(start: Uint8Array, fileSize: number): number {
  if (start.length < 8) throw new Error('it is too short');
  const size = Number(new DataView(start.buffer, start.byteOffset).getBigUint64(0, true));
  if (8 + size > fileSize) throw new Error('its header is cut off');
  return size;
}

function metadataOf(header: Record<string, unknown>): Safetensors['metadata'] {
  return new Map(Object.entries((header[METADATA] ?? {}) as Record<string, string>));
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  if (typeof header !== 'object' || header === null || Array.isArray(header)) throw new Error('its header is no map');
  return header as Record<string, unknown>;
}

function parseTensor(name: string, entry: unknown, data: Uint8Array): StateTensor {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (!isDType(dtype)) throw new Error(`tensor "${name}" has the unknown element type ${JSON.stringify(dtype)}`);
  if (!isSizes(shape) || !isSizes(offsets)) throw new Error(`tensor "${name}" has no valid shape and offsets`);
  const [begin = 0, end = 0] = offsets;
  const size = shape.reduce((product, length) => product * length, 1) * byteSize(dtype);
  if (end - begin !== size) throw new Error(`tensor "${name}" has ${end - begin} bytes, its shape needs ${size}`);
  if (end > data.length) throw new Error(`tensor "${name}" is cut off`);
  return { shape, values: decode(data.subarray(begin, end), dtype) };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}
