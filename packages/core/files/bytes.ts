/** A sequence of bytes that is read at positions, in a file or in memory. It may be larger than memory. */
export interface Bytes {
  /** In bytes. */
  readonly size: number;
  /** Copies `target.length` bytes from `position` on. Errors: they are not all there. */
  fill(target: Uint8Array, position: number): void;
}

/** Bytes that lie in memory. */
export function memoryBytes(content: Uint8Array): Bytes {
  return {
    size: content.length,
    fill(target, position) {
      checkRange(position, target.length, content.length);
      target.set(content.subarray(position, position + target.length));
    },
  };
}

/** The part of `bytes` from `begin` to before `end`. Errors: it is not all there. */
export function subBytes(bytes: Bytes, begin: number, end: number): Bytes {
  checkRange(begin, end - begin, bytes.size);
  return {
    size: end - begin,
    fill(target, position) {
      checkRange(position, target.length, end - begin);
      bytes.fill(target, begin + position);
    },
  };
}

/** A copy of the bytes from `begin` to before `end`. Errors: they are not all there. */
export function readRange(bytes: Bytes, begin: number, end: number): Uint8Array {
  checkRange(begin, end - begin, bytes.size);
  const target = new Uint8Array(end - begin);
  bytes.fill(target, begin);
  return target;
}

/** All bytes in order, in pieces of at most `most` bytes. */
export function* piecesOf(bytes: Bytes, most = 2 ** 22): Generator<Uint8Array> {
  for (let begin = 0; begin < bytes.size; begin += most) {
    yield readRange(bytes, begin, Math.min(begin + most, bytes.size));
  }
}

/** Before memory is taken. Errors: the range is not all there. */
export function checkRange(position: number, length: number, size: number): void {
  if (position >= 0 && length >= 0 && position + length <= size) return;
  throw new Error(`it is cut off: bytes ${position} to ${position + length} of ${size} are needed`);
}
