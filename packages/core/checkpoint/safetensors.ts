import { fileBytes, readRange, subBytes, type Bytes } from '../files/bytes.ts';
import type { StateDict } from '../nn/parameters.ts';
import { writeFileAtomic } from './atomic-file.ts';
import { byteSize, isDType, readFloats } from './dtype.ts';
import { parseFile } from './file.ts';
import { repeatedKey } from './repeated-key.ts';
import { isLengths, show, sizeOf, StoredTensor, unreadable } from './stored-tensor.ts';
import { stateDictOf } from './tree.ts';

const METADATA = '__metadata__';
const ALIGNMENT = 8;
/** As in the format's own library. */
const LONGEST_HEADER = 1e8;

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

/**
 * Opens a safetensors file of any size. Values are read when they are asked for, and become float32.
 *
 * Errors: `UserError` naming the file if it is missing or damaged: then or, where values are damaged or of a type that is not
 * understood, when they are asked for.
 */
export function readSafetensors(file: string): Safetensors {
  const bytes = fileBytes(file);
  return parseFile(file, 'safetensors file', () => {
    const { header, begin } = readHeader(bytes);
    const data = subBytes(bytes, begin, bytes.size);
    return { tensors: stateDictOf(file, storedTensors(header, data)), metadata: metadataOf(header) };
  });
}

/** The metadata alone. Errors: `UserError` if the file is missing or its header damaged. */
export function readSafetensorsMetadata(file: string): Safetensors['metadata'] {
  const bytes = fileBytes(file);
  return parseFile(file, 'safetensors file', () => metadataOf(readHeader(bytes).header));
}

type Header = Readonly<Record<string, unknown>>;

/** The header, and where the data begin. */
function readHeader(bytes: Bytes): { header: Header; begin: number } {
  if (bytes.size < 8) throw new Error('it is too short');
  const size = Number(new DataView(readRange(bytes, 0, 8).buffer).getBigUint64(0, true));
  if (size > LONGEST_HEADER) throw new Error(`its header would have ${size} bytes`);
  if (8 + size > bytes.size) throw new Error('its header is cut off');
  const text = new TextDecoder('utf-8', { fatal: true }).decode(readRange(bytes, 8, 8 + size));
  const header: unknown = JSON.parse(text);
  if (!isRecord(header)) throw new Error('its header is no map');
  const twice = repeatedKey(text);
  if (twice !== undefined) throw new Error(`its header has ${JSON.stringify(twice)} twice`);
  return { header, begin: 8 + size };
}

function metadataOf(header: Header): Safetensors['metadata'] {
  const metadata = header[METADATA] ?? {};
  if (!isRecord(metadata)) throw new Error('its metadata are no map');
  return new Map(
    Object.entries(metadata).map(([key, value]) => {
      if (typeof value !== 'string') throw new Error(`its metadata "${key}" are no text`);
      return [key, value];
    }),
  );
}

/** Errors: the tensors do not lie one after the other over all of the data, as the format demands. */
function storedTensors(header: Header, data: Bytes): Map<string, StoredTensor> {
  const entries = Object.entries(header).filter(([name]) => name !== METADATA);
  const found = entries.map(([name, entry]) => ({ name, ...parseEntry(name, entry) }));
  let end = 0;
  for (const { name, range } of [...found].sort((a, b) => a.range[0] - b.range[0] || a.range[1] - b.range[1])) {
    if (range[0] < end) throw new Error(`tensor "${name}" lies over another one`);
    if (range[0] > end) throw new Error(`there are bytes of no tensor before "${name}"`);
    end = range[1];
    if (end > data.size) throw new Error(`tensor "${name}" is cut off`);
  }
  if (end < data.size) throw new Error(`there are ${data.size - end} bytes of no tensor at its end`);
  return new Map(
    found.map(({ name, dtype, shape, range: [first, last] }) => {
      if (!isDType(dtype)) return [name, unreadable(dtype, shape, `its elements are ${dtype}`)];
      const size = sizeOf(shape);
      if (last - first !== size * byteSize(dtype)) {
        throw new Error(`tensor "${name}" has ${last - first} bytes, its shape needs ${size * byteSize(dtype)}`);
      }
      return [name, new StoredTensor(dtype, shape, () => readFloats(subBytes(data, first, last), dtype, 0, size))];
    }),
  );
}

function parseEntry(name: string, entry: unknown) {
  const { dtype, shape, data_offsets: range } = isRecord(entry) ? entry : {};
  if (typeof dtype !== 'string') throw new Error(`tensor "${name}" has no element type`);
  if (!isLengths(shape)) throw new Error(`tensor "${name}" has the shape ${show(shape)}`);
  if (!isLengths(range) || range.length !== 2 || range[0]! > range[1]!)
    throw new Error(`tensor "${name}" has the place ${show(range)}`);
  return { dtype, shape, range: range as [number, number] };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
