import { join } from 'node:path';
import { INSTALLATION } from '../process/installation.mjs';

/** A file at the root, from which packages are looked up. */
export const FROM_INSTALLATION = join(INSTALLATION, 'package.json');

/** What must be there once, so that components of a plugin enter the one catalogue and their tensors are those of the engine. */
const SHARED = /^(?:@dualprior\/|(?:@tensorflow\/tfjs-core|@sinclair\/typebox|tsyringe)(?:\/|$))/;

/** Whether an import is of a package that plugins share with the installation. */
export function isShared(specifier) {
  return SHARED.test(specifier);
}

/** Whether a file (an absolute path, symbolic links followed) is no part of the installation. */
export function isOutside(file) {
  return file !== INSTALLATION && !file.startsWith(join(INSTALLATION, '/'));
}
