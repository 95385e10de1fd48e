import { DamagedFileError } from '../errors/damaged-file.ts';
import { memoryBytes, readRange, subBytes, type Bytes } from '../files/bytes.ts';
import { parseFile } from '../files/parse-file.ts';
import type { StateDict } from '../nn/parameters.ts';
import { CHECKSUMS, hasChecksums, readChecksums, type Checksum } from './checksums.ts';
import { crc32 } from './crc32.ts';
import { byteSize, isDType, readFloats } from './dtype.ts';
import { dtypesOf, isLengths, show, sizeOf, stateDictOf, StoredTensor, unreadable } from './stored-tensor.ts';

export const METADATA = '__metadata__';
/** As in the format's own library. */
const LONGEST_HEADER = 1e8;
const FORMAT = 'safetensors file';

export interface Safetensors {
  readonly tensors: StateDict;
  /** Element types of the tensors in the file, by the format's names: `F32`. */
  readonly dtypes: ReadonlyMap<string, string>;
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * What a safetensors file in memory holds. Values become float32 when they are asked for; checksums are compared where it has some.
 * @param file what messages call it
 *
 * Errors: `UserError` naming the file if it is damaged: then or, where values are damaged or of a type that is not understood, when they
 * are asked for.
 */
export function parseSafetensors(content: ArrayBuffer, file: string): Safetensors {
  return safetensorsOf(memoryBytes(new Uint8Array(content)), file, crc32);
}

/** The same of bytes anywhere. */
export function safetensorsOf(bytes: Bytes, file: string, checksum: Checksum): Safetensors {
  return parseFile(file, FORMAT, () => {
    const header = readHeader(bytes, checksum);
    const tensors = storedTensors(file, header, subBytes(bytes, header.end, bytes.size), checksum);
    return { tensors: stateDictOf(file, tensors), dtypes: dtypesOf(tensors), metadata: metadataOf(header) };
  });
}

/** The metadata alone. Errors: `UserError` naming the file if its header is damaged. */
export function safetensorsMetadata(bytes: Bytes, file: string, checksum: Checksum): Safetensors['metadata'] {
  return parseFile(file, FORMAT, () => metadataOf(readHeader(bytes, checksum)));
}

interface Header {
  readonly metadata: unknown;
  readonly tensors: readonly (readonly [name: string, entry: unknown])[];
  /** The checksums of the tensors, in the order of the file; undefined if it has none. */
  readonly checksums: readonly number[] | undefined;
  /** Where the data begin. */
  readonly end: number;
}

function readHeader(bytes: Bytes, checksum: Checksum): Header {
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
  const checksums = hasChecksums(start) ? readChecksums(start, tensors.length, checksum) : undefined;
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
function storedTensors(
  file: string,
  { tensors, checksums }: Header,
  data: Bytes,
  checksum: Checksum,
): Map<string, StoredTensor> {
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
      const read = () => {
        const own = subBytes(data, first, last);
        const values = readFloats(own, dtype, 0, size);
        const wanted = expected.get(name);
        if (wanted === undefined || checksum(stored(own, dtype, values)) === wanted) return values;
        throw new DamagedFileError(`${file} is damaged: the tensor "${name}" has a wrong checksum.`);
      };
      return [name, new StoredTensor(dtype, shape, read)];
    }),
  );
}

/** A tensor's bytes in the file, which of float32 are its values. */
function stored(own: Bytes, dtype: string, { buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return dtype === 'F32' ? new Uint8Array(buffer, byteOffset, byteLength) : readRange(own, 0, own.size);
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

/** Strings, and the characters that give JSON its structure. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:]/gsu;

/** A key that an object of this JSON, which is valid, has twice: `JSON.parse` takes the last one silently. */
function repeatedKey(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = []; // the keys of each object; of lists nothing
  let last = '';
  for (const [token] of json.matchAll(TOKEN)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      const key = JSON.parse(last) as string;
      if (open.at(-1)!.has(key)) return key;
      open.at(-1)!.add(key);
    } else last = token;
  }
  return undefined;
}
