import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { systemReason } from '@dualprior/core';

/** A file that the journal names cannot be delivered, now or later: it is gone, lies elsewhere, or is not what it should be. */
export class LocalFileError extends Error {
  override readonly name = 'LocalFileError';
}

/** Bytes of a file that is held in memory while it is sent. */
const LARGEST = 2 ** 29;

/**
 * Reads a file of a run, which `name` names relative to the journal's folder. A journal may come from others, so nothing outside that folder is
 * read: no absolute path, no `..`, no link that leads out of it; nor a pipe or a device.
 * Errors: `LocalFileError`; others of the file system, which may pass.
 */
export async function readRunFile(folder: string, name: string): Promise<Buffer> {
  if (/^\/|(^|\/)\.\.(\/|$)|\0/.test(name)) throw new LocalFileError('it lies outside the run');
  const file = join(folder, name);
  try {
    const [root, real] = await Promise.all([realpath(folder), realpath(file)]);
    if (real !== root && !real.startsWith(root + sep)) throw new LocalFileError('a link leads out of the run');
    const handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) throw new LocalFileError('it is not a file');
      if (stats.size > LARGEST) throw new LocalFileError(`it is larger than ${LARGEST / 2 ** 20} MiB`);
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    switch ((error as NodeJS.ErrnoException).code) {
      case 'ENOENT':
      case 'ENOTDIR':
        throw new LocalFileError('there is no such file');
      case 'ELOOP':
        throw new LocalFileError('its links lead nowhere');
      default:
        throw error;
    }
  }
}

/** Why a file could not be read or sent this time. */
export function fileTrouble(error: unknown): string {
  return systemReason(error) ?? (error as Error).message;
}
