import type { Global } from './pickle.ts';

/** A NumPy type of numbers, such as `f8`. */
class NumpyType {
  constructor(readonly code: string) {}
}

const READERS: Record<string, (view: DataView) => number> = {
  f8: (view) => view.getFloat64(0, true),
  f4: (view) => view.getFloat32(0, true),
  i8: (view) => Number(view.getBigInt64(0, true)),
  i4: (view) => view.getInt32(0, true),
  i2: (view) => view.getInt16(0, true),
  i1: (view) => view.getInt8(0),
  u8: (view) => Number(view.getBigUint64(0, true)),
  u4: (view) => view.getUint32(0, true),
  u2: (view) => view.getUint16(0, true),
  u1: (view) => view.getUint8(0),
};

/** The numbers of NumPy that lie about in checkpoints, one by one; undefined for any other call. Errors: a type that is no number's. */
export function numpyCall({ path }: Global, args: readonly unknown[]): unknown {
  switch (path) {
    case 'numpy.dtype':
      return new NumpyType(String(args[0]));
    case '_codecs.encode': // bytes, in the protocols that have none
      return Uint8Array.from(String(args[0]), (character) => character.charCodeAt(0));
    case 'numpy.core.multiarray.scalar':
    case 'numpy._core.multiarray.scalar':
      return scalar(args[0], args[1]);
    default:
      return undefined;
  }
}

/** A type's state is (version, byte order, ...). Errors: numbers that are big-endian. */
export function numpyBuild(object: unknown, state: unknown): void {
  if (object instanceof NumpyType && Array.isArray(state) && state[1] === '>')
    throw new Error('its numbers are big-endian');
}

function scalar(type: unknown, bytes: unknown): number {
  const read = type instanceof NumpyType ? READERS[type.code] : undefined;
  if (!read || !(bytes instanceof Uint8Array)) throw new Error('it has a NumPy value that is no plain number');
  return read(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
