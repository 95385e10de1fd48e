import { readRange, type Bytes } from '../files/bytes.ts';

interface Format {
  /** The size of one element. */
  readonly bytes: number;
  read(view: DataView, position: number, isLittle: boolean): number;
}

/** Element types whose values become float32, by their safetensors names. */
const FORMATS = {
  F64: { bytes: 8, read: (view, at, isLittle) => view.getFloat64(at, isLittle) },
  F32: { bytes: 4, read: (view, at, isLittle) => view.getFloat32(at, isLittle) },
  F16: { bytes: 2, read: (view, at, isLittle) => smallFloat(view.getUint16(at, isLittle), 5, 10) },
  BF16: { bytes: 2, read: (view, at, isLittle) => bfloat(view.getUint16(at, isLittle)) },
  F8_E5M2: { bytes: 1, read: (view, at) => smallFloat(view.getUint8(at), 5, 2) },
  F8_E4M3: { bytes: 1, read: (view, at) => float8e4m3(view.getUint8(at)) },
  I64: { bytes: 8, read: (view, at, isLittle) => Number(view.getBigInt64(at, isLittle)) },
  I32: { bytes: 4, read: (view, at, isLittle) => view.getInt32(at, isLittle) },
  I16: { bytes: 2, read: (view, at, isLittle) => view.getInt16(at, isLittle) },
  I8: { bytes: 1, read: (view, at) => view.getInt8(at) },
  U64: { bytes: 8, read: (view, at, isLittle) => Number(view.getBigUint64(at, isLittle)) },
  U32: { bytes: 4, read: (view, at, isLittle) => view.getUint32(at, isLittle) },
  U16: { bytes: 2, read: (view, at, isLittle) => view.getUint16(at, isLittle) },
  U8: { bytes: 1, read: (view, at) => view.getUint8(at) },
  BOOL: { bytes: 1, read: (view, at) => view.getUint8(at) },
} satisfies Record<string, Format>;

export type DType = keyof typeof FORMATS;

export function isDType(name: unknown): name is DType {
  return typeof name === 'string' && Object.hasOwn(FORMATS, name);
}

/** Bytes of one element. */
export function byteSize(dtype: DType): number {
  return FORMATS[dtype].bytes;
}

/** One element as a number. Errors: `bytes` holds less. */
export function readNumber(bytes: Bytes, dtype: DType, isLittle = true): number {
  const { bytes: size, read }: Format = FORMATS[dtype];
  return read(viewOf(readRange(bytes, 0, size)), 0, isLittle);
}

const CHUNK = 2 ** 20;

/**
 * `count` elements from the element `first` on as float32, rounded where float32 cannot hold them. Takes memory for the result and one
 * chunk. Errors: they are not all there.
 */
export function readFloats(bytes: Bytes, dtype: DType, first: number, count: number, isLittle = true): Float32Array {
  const { bytes: size, read }: Format = FORMATS[dtype];
  if ((first + count) * size > bytes.size) throw new Error('its storage is cut off');
  const values = new Float32Array(count);
  if (dtype === 'F32' && isLittle) {
    // as machines have it that TensorFlow runs on
    bytes.fill(new Uint8Array(values.buffer), first * size);
    return values;
  }
  for (let done = 0; done < count; done += CHUNK) {
    const part = Math.min(CHUNK, count - done);
    const view = viewOf(readRange(bytes, (first + done) * size, (first + done + part) * size));
    for (let i = 0; i < part; i++) values[done + i] = read(view, i * size, isLittle);
  }
  return values;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** IEEE 754 in few bits: a sign, then the exponent, whose highest value is of infinity and NaN, then the fraction. */
function smallFloat(bits: number, exponentBits: number, fractionBits: number): number {
  const exponent = (bits >> fractionBits) & (2 ** exponentBits - 1);
  const fraction = bits & (2 ** fractionBits - 1);
  const sign = bits >> (exponentBits + fractionBits) ? -1 : 1;
  if (exponent === 2 ** exponentBits - 1) return fraction ? NaN : sign * Infinity;
  return sign * finiteFloat(exponent, fraction, exponentBits, fractionBits);
}

/** `float8_e4m3fn` (arXiv 2209.05433): no infinity, and NaN only where all bits but the sign are 1. */
function float8e4m3(bits: number): number {
  if ((bits & 0x7f) === 0x7f) return NaN;
  return (bits & 0x80 ? -1 : 1) * finiteFloat((bits >> 3) & 0xf, bits & 7, 4, 3);
}

function finiteFloat(exponent: number, fraction: number, exponentBits: number, fractionBits: number): number {
  const bias = 2 ** (exponentBits - 1) - 1;
  const scaled = fraction / 2 ** fractionBits;
  return exponent === 0 ? scaled * 2 ** (1 - bias) : (1 + scaled) * 2 ** (exponent - bias);
}

const word = new DataView(new ArrayBuffer(4));

/** bfloat16: the upper half of a float32. */
function bfloat(bits: number): number {
  word.setUint32(0, bits << 16);
  return word.getFloat32(0);
}
