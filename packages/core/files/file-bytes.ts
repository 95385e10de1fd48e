import { closeSync, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';
import { UserError } from '../errors/user-error.ts';
import { checkRange, type Bytes } from './bytes.ts';
import { readFailure } from './read-failure.ts';

/** Bytes per read; Node takes fewer than 2^31. */
const MOST_AT_ONCE = 2 ** 24;

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
