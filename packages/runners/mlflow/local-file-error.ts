import { readFile } from 'node:fs/promises';

/** A file that the journal names cannot be read (any more), or is no image. */
export class LocalFileError extends Error {
  override readonly name = 'LocalFileError';
}

export async function readLocalFile(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new LocalFileError((error as Error).message);
  }
}
