import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DamagedFileError } from '@dualprior/core';
import { METRICS, readPerImage } from './per-image.ts';
import { damagedFile } from './seal.ts';

/** What of a finished evaluation of so many images is damaged, for display; undefined where nothing is. */
export function damageOf(folder: string, images: number): string | undefined {
  const damaged = damagedFile(folder);
  if (damaged !== undefined) return `${damaged} is ${existsSync(damaged) ? 'damaged' : 'missing'}.`;
  try {
    const { names } = readPerImage(folder);
    const found = `${join(folder, METRICS)} is damaged: it has ${names.length} of ${images} images.`;
    return names.length === images ? undefined : found;
  } catch (error) {
    if (error instanceof DamagedFileError) return error.message;
    throw error;
  }
}
