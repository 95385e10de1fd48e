import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a file from its parts so that there is the old file or the new one, never a part of it, also after a
 * power failure. One writer a file at a time.
 */
export function writeFileAtomic(file: string, parts: Iterable<Uint8Array>): void {
  const unfinished = `${file}.part`;
  try {
    synced(unfinished, 'w', (descriptor) => {
      for (const part of parts) writeFileSync(descriptor, part);
    });
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
  synced(dirname(file), 'r', () => {});
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
