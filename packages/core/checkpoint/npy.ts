import { readRange } from '../files/bytes.ts';
import { fileBytes } from '../files/file-bytes.ts';
import { parseFile } from '../files/parse-file.ts';
import { latin1 } from './pickle-reader.ts';
import { unzip } from './zip.ts';

type Values = Float32Array | Float64Array | Uint8Array | Int8Array | Int16Array | Int32Array | BigInt64Array;

/** An array as numpy has it: elements in C order. */
export interface NdArray {
  readonly shape: readonly number[];
  readonly values: Values;
}

const MAGIC = '\x93NUMPY';

const TYPES: Record<string, new (buffer: ArrayBuffer) => Values> = {
  '<f4': Float32Array,
  '<f8': Float64Array,
  '|u1': Uint8Array,
  '|b1': Uint8Array,
  '|i1': Int8Array,
  '<i2': Int16Array,
  '<i4': Int32Array,
  '<i8': BigInt64Array,
};

/** The arrays of an `.npz` archive, by name. Errors: `UserError` if it is missing or damaged, or holds other types. */
export function readNpz(file: string): Map<string, NdArray> {
  const archive = fileBytes(file);
  return parseFile(file, 'numpy archive', () => {
    const members = [...unzip(archive)];
    return new Map(
      members.map(([name, member]) => [name.replace(/\.npy$/, ''), parseNpy(readRange(member, 0, member.size))]),
    );
  });
}

/** One array (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), versions 1 to 3. */
export function parseNpy(bytes: Uint8Array): NdArray {
  if (latin1(bytes.subarray(0, 6)) !== MAGIC) throw new Error('an array has no numpy header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = view.getUint8(6) > 1;
  const begin = wide ? 12 : 10;
  const data = begin + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = new TextDecoder().decode(bytes.subarray(begin, data));
  const type = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const shape = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  const create = TYPES[String(type)];
  if (!create || shape === undefined) throw new Error(`an array has the unknown header ${header.trim()}`);
  const lengths = shape
    .split(',')
    .filter((length) => length.trim() !== '')
    .map(Number);
  const values = new create(new Uint8Array(bytes.subarray(data)).buffer);
  if (values.length !== lengths.reduce((product, length) => product * length, 1))
    throw new Error('an array is cut off');
  const isColumnMajor = /'fortran_order':\s*True/.test(header);
  return { shape: lengths, values: isColumnMajor ? rowMajor(values, lengths) : values };
}

/** From Fortran order, in which the first index runs fastest, to C order, in which the last one does. */
function rowMajor(values: Values, shape: readonly number[]): Values {
  const result = values.slice();
  const index = new Array<number>(shape.length).fill(0);
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, length) => product * length, 1));
  for (let target = 0; target < values.length; target++) {
    result[target] = values[index.reduce((at, i, axis) => at + i * strides[axis]!, 0)]!;
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) index[axis] = 0;
  }
  return result;
}
