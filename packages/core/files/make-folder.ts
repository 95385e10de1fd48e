import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../errors/user-error.ts';

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
    throw new UserError(`The folder ${path} cannot be made: ${reason(error as NodeJS.ErrnoException)}`);
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function reason({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EEXIST':
      return 'there is a file of that name';
    case 'EROFS':
      return 'the file system is read-only';
    case 'ENOSPC':
      return 'the disk is full';
    default:
      return message;
  }
}
