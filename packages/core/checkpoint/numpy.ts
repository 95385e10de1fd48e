import { memoryBytes, type Bytes } from '../files/bytes.ts';
import { byteSize, isDType, readNumber, type DType } from './dtype.ts';
import { PickledBytes, PickledObject, type Global } from './pickle-objects.ts';
import { contiguousStrides, isLengths, sizeOf, viewOf, type StoredTensor } from './stored-tensor.ts';

/** NumPy's codes of numbers. */
const CODES: Record<string, DType> = {
  f8: 'F64',
  f4: 'F32',
  f2: 'F16',
  i8: 'I64',
  i4: 'I32',
  i2: 'I16',
  i1: 'I8',
  u8: 'U64',
  u4: 'U32',
  u2: 'U16',
  u1: 'U8',
  b1: 'BOOL',
};

/** NumPy's functions that rebuild values, by their last name: their module was `numpy.core` before NumPy 2. */
const REBUILDING = /^numpy\._?core\.(?:multiarray|numeric)\.(scalar|_reconstruct|_frombuffer)$/;

/** A NumPy number as a number; undefined for any other call. */
export function numpyCall({ path }: Global, [type, content]: readonly unknown[]): unknown {
  if (REBUILDING.exec(path)?.[1] !== 'scalar') return undefined;
  const known = typeOf(type);
  if (!known || lengthOf(content) !== byteSize(known.dtype)) return undefined;
  return readNumber(bytesOf(content)!, known.dtype, known.isLittle);
}

/**
 * The tensor that a pickled array of numbers is, in C order; undefined for any other object. Arrays are objects in the tree because a
 * pickle makes them first and gives them their content later. Errors: an array is damaged.
 */
export function numpyTensor(object: PickledObject): StoredTensor | undefined {
  switch (REBUILDING.exec(object.path)?.[1]) {
    case '_reconstruct': {
      const [, shape, type, isFortran, content] = Array.isArray(object.state) ? (object.state as unknown[]) : [];
      return arrayOf(type, shape, isFortran === true, content);
    }
    case '_frombuffer': {
      const [content, type, shape, order] = object.args;
      return arrayOf(type, shape, order === 'F', content);
    }
    default:
      return undefined;
  }
}

function arrayOf(type: unknown, shape: unknown, isFortran: boolean, content: unknown): StoredTensor | undefined {
  const known = typeOf(type);
  const bytes = bytesOf(content);
  if (!known || !bytes) return undefined;
  const { dtype, isLittle } = known;
  if (!isLengths(shape) || sizeOf(shape) * byteSize(dtype) !== bytes.size)
    throw new Error('a NumPy array is of another size than its content');
  const strides = isFortran ? contiguousStrides([...shape].reverse()).reverse() : contiguousStrides(shape);
  return viewOf({ dtype, count: sizeOf(shape), isLittle, content: () => bytes }, 0, shape, strides);
}

/** The type described by `numpy.dtype(code)`, whose state is (version, byte order, ...). */
function typeOf(type: unknown): { dtype: DType; isLittle: boolean } | undefined {
  if (!(type instanceof PickledObject) || type.path !== 'numpy.dtype') return undefined;
  const dtype = CODES[String(type.args[0])];
  const order = Array.isArray(type.state) ? (type.state as unknown[])[1] : undefined;
  return isDType(dtype) ? { dtype, isLittle: order !== '>' } : undefined;
}

function lengthOf(content: unknown): number | undefined {
  return typeof content === 'string' ? content.length : content instanceof PickledBytes ? content.size : undefined;
}

/** Python 2 writes bytes as text of a character each. */
function bytesOf(content: unknown): Bytes | undefined {
  if (content instanceof PickledBytes) return content;
  if (typeof content !== 'string') return undefined;
  return memoryBytes(Uint8Array.from(Buffer.from(content, 'latin1')));
}
