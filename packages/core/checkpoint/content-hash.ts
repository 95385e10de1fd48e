import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { UserError } from '../errors/user-error.ts';
import { readFailure } from '../files/read-failure.ts';

const CHUNK = 2 ** 22;
const known = new Map<string, string>();

/** SHA-256 of a file's content, in hex; remembered for as long as the file looks the same. Errors: `UserError` if it cannot be read. */
export function contentHash(file: string): string {
  try {
    const handle = openSync(file, 'r');
    try {
      const { size, mtimeMs, ino } = fstatSync(handle);
      const key = `${file} ${ino} ${size} ${mtimeMs}`;
      const hash = known.get(key) ?? hashOf(handle);
      known.set(key, hash);
      return hash;
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw new UserError(`Cannot read ${file}: ${readFailure(error)}`);
  }
}

function hashOf(handle: number): string {
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(CHUNK);
  for (let count = readSync(handle, buffer); count > 0; count = readSync(handle, buffer)) {
    hash.update(buffer.subarray(0, count));
  }
  return hash.digest('hex');
}
