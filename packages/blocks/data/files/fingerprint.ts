import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@dualprior/core';
import { foundAhead } from './found-ahead.ts';
import { DECODED } from './inspect.ts';
import { lookAhead } from './look.ts';
import type { Layout } from '../sources/folder-source.ts';
import type { PairOfFiles } from '../sources/pairing.ts';

const TAIL = 32;

/**
 * Equal for equal images wherever they lie: a hash of what the images of a folder are called, in their order, of the sizes of their files
 * and of the last 32 bytes of each, which of a PNG are a checksum of all its pixels. Errors: those of `find`; a file that cannot be read.
 */
export function fingerprint(root: string, { key, find, name }: Layout): string {
  const hash = createHash('sha256');
  const found = find();
  const { paths } = found;
  const isLarge = paths.length > DECODED;
  if (isLarge) foundAhead.keep(key, found);
  for (const path of paths) hash.update(`${JSON.stringify([name(path), endOf(join(root, path), isLarge)])}\n`);
  return hash.digest('hex');
}

/** The same of pairs: what the sharp images are called, and the ends of both files. */
export function pairsFingerprint(folders: PairOfFiles, pairs: readonly PairOfFiles[]): string {
  const hash = createHash('sha256');
  const isLarge = 2 * pairs.length > DECODED;
  for (const { sharp, degraded } of pairs) {
    const ends = [endOf(join(folders.sharp, sharp), isLarge), endOf(join(folders.degraded, degraded), isLarge)];
    hash.update(`${JSON.stringify([sharp, ...ends])}\n`);
  }
  return hash.digest('hex');
}

/** What the system says of a file that cannot be read, as opposed to a system that is out of something for the moment. */
const UNREADABLE = new Set(['EACCES', 'EIO', 'EISDIR', 'ELOOP', 'ENOENT', 'ENOTDIR', 'ENXIO', 'EPERM']);

/**
 * Size and last bytes of a file; null for one that cannot be read, such as a link to nothing: it is left out when the images are looked at.
 * @param isLookedAt whether its header is read as well, for `look`
 */
function endOf(path: string, isLookedAt: boolean): [size: number, tail: string] | null {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const stats = fstatSync(file);
    if (isLookedAt) lookAhead(path, file, stats);
    const { size } = stats;
    const tail = Buffer.alloc(Math.min(TAIL, size));
    readSync(file, tail, 0, tail.length, size - tail.length);
    return [size, tail.toString('base64')];
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (UNREADABLE.has(code)) return null;
    throw new UserError(`${path} cannot be read: ${message}`);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
