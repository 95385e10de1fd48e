import { fileBytes, readRange, subBytes, type Bytes } from '../files/bytes.ts';
import { DamagedFileError } from '../errors/damaged-file.ts';
import type { StateDict } from '../nn/parameters.ts';
import { writeFileAtomic } from './atomic-file.ts';
import { checksum, CHECKSUMS, fillChecksums, hasChecksums, noChecksums, readChecksums } from './checksums.ts';
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

/** A tensor to be written: float32 values in C order, all of them or in pieces, which are asked for one after the other. */
export interface TensorToWrite {
  readonly shape: readonly number[];
  readonly values: Float32Array | Iterable<Float32Array>;
}

/**
 * Writes tensors as float32 in the safetensors format (https://github.com/huggingface/safetensors), with checksums: a reader sees the
 * old file or the new one, never a part of it, also after a power failure. Of tensors in pieces, one piece at a time is in memory.
 * @param previous what the old file is called from then on; it is removed by default
 */
export function writeSafetensors(
  file: string,
  tensors: Iterable<readonly [name: string, tensor: TensorToWrite]>,
  metadata: Record<string, string> = {},
  previous?: string,
): void {
  const all = [...tensors];
  const start = startOf(all, metadata);
  writeFileAtomic(
    file,
    (unfinished) => {
      unfinished.append(start);
      const checksums = all.map(([name, tensor]) => {
        let [count, value] = [0, 0];
        for (const piece of piecesOf(tensor)) {
          const bytes = new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
          unfinished.append(bytes);
          value = checksum(bytes, value);
          count += piece.length;
        }
        if (count !== sizeOf(tensor.shape)) throw new Error(`"${name}" has ${count} values, not those of its shape.`);
        return value;
      });
      fillChecksums(start, checksums);
      unfinished.overwrite(start, 0);
    },
    previous,
  );
}

/**
 * Opens a safetensors file of any size. Values are read when they are asked for, and become float32. Checksums are compared where the file
 * has some.
 *
 * Errors: `UserError` naming the file if it is missing or damaged: then or, where values are damaged or of a type that is not
 * understood, when they are asked for.
 */
export function readSafetensors(file: string): Safetensors {
  const bytes = fileBytes(file);
  return parseFile(file, 'safetensors file', () => {
    const header = readHeader(bytes);
    const tensors = storedTensors(file, header, subBytes(bytes, header.end, bytes.size));
    return { tensors: stateDictOf(file, tensors), metadata: metadataOf(header) };
  });
}

/** The metadata alone. Errors: `UserError` if the file is missing or its header damaged. */
export function readSafetensorsMetadata(file: string): Safetensors['metadata'] {
  const bytes = fileBytes(file);
  return parseFile(file, 'safetensors file', () => metadataOf(readHeader(bytes)));
}

/** Size of the header and the header, with room for the checksums. */
function startOf(
  tensors: readonly (readonly [name: string, tensor: TensorToWrite])[],
  metadata: Record<string, string>,
): Uint8Array {
  let offset = 0;
  const entries = tensors.map(([name, { shape }]) => {
    const begin = offset;
    offset += sizeOf(shape) * byteSize('F32');
    return [name, { dtype: 'F32', shape, data_offsets: [begin, offset] }] as const;
  });
  const all = [[METADATA, { [CHECKSUMS]: noChecksums(tensors.length), ...metadata }] as const, ...entries];
  const json = Buffer.from(`{${all.map((entry) => entry.map((part) => JSON.stringify(part)).join(':')).join(',')}}`);
  const size = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const start = Buffer.alloc(8 + size, ' ');
  start.writeBigUInt64LE(BigInt(size));
  start.set(json, 8);
  return start;
}

function piecesOf({ values }: TensorToWrite): Iterable<Float32Array> {
  return ArrayBuffer.isView(values) ? [values] : values;
}

interface Header {
  readonly metadata: unknown;
  readonly tensors: readonly (readonly [name: string, entry: unknown])[];
  /** Of the tensors, in the order in which they lie in the file; undefined where it has none. */
  readonly checksums: readonly number[] | undefined;
  /** Where the data begin. */
  readonly end: number;
}

function readHeader(bytes: Bytes): Header {
  if (bytes.size < 8) throw new Error('it is too short');
  const size = Number(new DataView(readRange(bytes, 0, 8).buffer).getBigUint64(0, true));
  if (size > LONGEST_HEADER) throw new Error(`its header would have ${size} bytes`);
  if (8 + size > bytes.size) throw new Error('its header is cut off');
  const start = readRange(bytes, 0, 8 + size);
  const text = new TextDecoder('utf-8', { fatal: true }).decode(start.subarray(8));
  const header: unknown = JSON.parse(text);
  if (!isRecord(header)) throw new Error('its header is no map');
  const twice = repeatedKey(text);
  if (twice !== undefined) throw new Error(`its header has ${JSON.stringify(twice)} twice`);
  const tensors = Object.entries(header).filter(([name]) => name !== METADATA);
  const checksums = hasChecksums(start) ? readChecksums(start, tensors.length) : undefined;
  return { metadata: header[METADATA] ?? {}, tensors, checksums, end: 8 + size };
}

function metadataOf({ metadata }: Header): Safetensors['metadata'] {
  if (!isRecord(metadata)) throw new Error('its metadata are no map');
  const entries = Object.entries(metadata).map(([key, value]): [string, string] => {
    if (typeof value !== 'string') throw new Error(`its metadata "${key}" are no text`);
    return [key, value];
  });
  return new Map(entries.filter(([key]) => key !== CHECKSUMS));
}

/** Errors: the tensors do not lie one after the other over all of the data, as the format demands. */
function storedTensors(file: string, { tensors, checksums }: Header, data: Bytes): Map<string, StoredTensor> {
  const found = tensors.map(([name, entry]) => ({ name, ...parseEntry(name, entry) }));
  const ordered = [...found].sort((a, b) => a.range[0] - b.range[0] || a.range[1] - b.range[1]);
  let end = 0;
  for (const { name, range } of ordered) {
    if (range[0] < end) throw new Error(`tensor "${name}" lies over another one`);
    if (range[0] > end) throw new Error(`there are bytes of no tensor before "${name}"`);
    end = range[1];
    if (end > data.size) throw new Error(`tensor "${name}" is cut off`);
  }
  if (end < data.size) throw new Error(`there are ${data.size - end} bytes of no tensor at its end`);
  const expected = new Map(ordered.map(({ name }, i) => [name, checksums?.[i]]));
  return new Map(
    found.map(({ name, dtype, shape, range: [first, last] }) => {
      if (!isDType(dtype)) return [name, unreadable(dtype, shape, `its elements are ${dtype}`)];
      const size = sizeOf(shape);
      if (last - first !== size * byteSize(dtype)) {
        throw new Error(`tensor "${name}" has ${last - first} bytes, its shape needs ${size * byteSize(dtype)}`);
      }
      const read = () => readFloats(subBytes(data, first, last), dtype, 0, size);
      return [name, new StoredTensor(dtype, shape, () => compared(read(), expected.get(name), file, name))];
    }),
  );
}

/** Values of a tensor of ours, which are float32. Errors: `DamagedFileError` if they do not have their checksum. */
function compared(values: Float32Array, expected: number | undefined, file: string, name: string): Float32Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  if (expected === undefined || checksum(bytes) === expected) return values;
  throw new DamagedFileError(`${file} is damaged: the tensor "${name}" has a wrong checksum.`);
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
