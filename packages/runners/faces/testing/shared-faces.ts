import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sharedGoldenFolder } from '../../goldens/folder.ts';

/** Aligned photographs of faces, which are not part of the project. */
export const SHARED_FACES = '$DUALPRIOR_SHARED/faces';
export const FACES = join(dirname(sharedGoldenFolder()), 'faces', 'test');

/** Files of so many faces, spread over the folder. */
export function facesOf(count: number): string[] {
  const files = readdirSync(FACES).sort();
  return Array.from({ length: count }, (_, i) => join(FACES, files[Math.floor((i * files.length) / count)]!));
}
