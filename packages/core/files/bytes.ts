import { closeSync, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { UserError } from '../errors/user-error.ts';
import { readFailure } from './read-failure.ts';

/** Bytes per read; Node takes fewer than 2^31. */
const MOST_AT_ONCE = 2 ** 24;

/** A sequence of bytes that is read at positions, in a file or in memory. It may be larger than memory. */
export interface Bytes {
  /** In bytes. */
  readonly size: number;
  /** Copies `target.length` bytes from `position` on. Errors: they are not all there. */
  fill(target: Uint8Array, position: number): void;
}

/**
 * The content of a regular file of any size. No descriptor stays open: each read opens the file again and makes sure that it is still
 * the same. Errors, here and on reading: `UserError` if the file cannot be read, is no regular file or has changed.
 */
export function fileBytes(path: string): Bytes {
  const first = attempt(path, () => statSync(path));
  if (!first.isFile())
    throw new UserError(`Cannot read ${path}: it is ${first.isDirectory() ? 'a folder' : 'no file'}`);
  const { size } = first;
  return {
    size,
    fill(target, position) {
      checkRange(position, target.length, size);
      attempt(path, () => {
        const descriptor = openSync(path, 'r');
        try {
          if (!isSame(fstatSync(descriptor), first))
            throw new UserError(`${path} has changed while it was being read.`);
          fillFrom(descriptor, target, position);
        } finally {
          closeSync(descriptor);
        }
      });
    },
  };
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

/** Before memory is taken. */
function checkRange(position: number, length: number, size: number): void {
  if (position >= 0 && length >= 0 && position + length <= size) return;
  throw new Error(`it is cut off: bytes ${position} to ${position + length} of ${size} are needed`);
}

function fillFrom(descriptor: number, target: Uint8Array, position: number): void {
  for (let done = 0; done < target.length;) {
    const rest = target.subarray(done, done + MOST_AT_ONCE);
    const count = readSync(descriptor, rest, 0, rest.length, position + done);
    if (count === 0) throw new Error('it is cut off');
    done += count;
  }
}

function isSame(a: Stats, b: Stats): boolean {
  return a.dev === b.dev && a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs;
}

function attempt<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`Cannot read ${path}: ${readFailure(error)}`);
  }
}
