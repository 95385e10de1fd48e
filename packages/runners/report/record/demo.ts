import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Folder of the page that restores photographs, in a run directory. */
export function demoFolder(directory: string): string {
  return join(directory, 'demo');
}

/** Whether a run has such a page. */
export function hasDemo(directory: string): boolean {
  return existsSync(join(demoFolder(directory), 'index.html'));
}
