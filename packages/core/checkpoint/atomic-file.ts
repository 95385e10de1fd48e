import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Bytes per write; Node takes fewer than 2^31. */
const MOST_AT_ONCE = 2 ** 24;
/** An unfinished file that nobody has written to for this long, in ms, was left by a killed process. */
const ABANDONED = 600_000;

/** A file that nobody sees yet. */
interface UnfinishedFile {
  append(bytes: Uint8Array): void;
  /** Replaces bytes that are there already. */
  overwrite(bytes: Uint8Array, position: number): void;
}

/**
 * Writes a file of any size so that there is the old file or the new one, never a part of it, also after a power failure. Of several
 * writers at once the last one wins. What killed ones left is removed after a while.
 * @param previous what the old file is called from then on; it is removed by default
 */
export function writeFileAtomic(file: string, write: (unfinished: UnfinishedFile) => void, previous?: string): void {
  removeAbandoned(file);
  const part = `${file}.${randomBytes(6).toString('hex')}.part`;
  try {
    synced(part, 'w', (descriptor) => {
      let size = 0;
      write({
        append: (bytes) => {
          writeAll(descriptor, bytes, size);
          size += bytes.length;
        },
        overwrite: (bytes, position) => writeAll(descriptor, bytes, position),
      });
    });
    if (previous !== undefined) keep(file, previous);
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    // A full disk is an error of the descriptor, which does not say what file was written.
    if (error instanceof Error && 'code' in error && !('path' in error)) Object.assign(error, { path: file });
    throw error;
  }
  synced(dirname(file), 'r', () => {});
}

function removeAbandoned(file: string): void {
  const folder = dirname(file);
  const parts = readdirSync(folder).filter((name) => name.startsWith(`${basename(file)}.`) && name.endsWith('.part'));
  for (const part of parts.map((name) => join(folder, name))) {
    const touched = statSync(part, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
    if (Date.now() - touched > ABANDONED) rmSync(part, { force: true });
  }
}

/** Gives the file, if it is there, a second name, so that it is there under one of them at any moment. */
function keep(file: string, previous: string): void {
  rmSync(previous, { force: true });
  try {
    linkSync(file, previous);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    renameSync(file, previous); // a file system without hard links
  }
}

function writeAll(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(descriptor, bytes, done, Math.min(MOST_AT_ONCE, bytes.length - done), position + done);
  }
}

function synced(path: string, flags: string, use: (descriptor: number) => void): void {
  const descriptor = openSync(path, flags);
  try {
    use(descriptor);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
