import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../errors/user-error.ts';
import { systemReason } from './system-reason.ts';

/**
 * Makes a folder and those above it. Unlike `mkdir` with `recursive`, which never returns on file systems that
 * answer ENOENT (/proc), each is made by itself. Errors: a `UserError` if one cannot be made or is a file.
 */
export function makeFolder(path: string): void {
  if (isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  try {
    mkdirSync(path);
  } catch (error) {
    if (isFolder(path)) return; // another process was quicker
    throw new UserError(`The folder ${path} cannot be made: ${systemReason(error) ?? (error as Error).message}`);
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
