import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

interface FolderSize {
  readonly bytes: number;
  /** When something in it was last written, in ms since 1970. */
  readonly written: number;
}

/** The size of all files in a folder; links count as themselves. Files removed meanwhile are left out. */
export function folderSize(path: string): FolderSize {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats) return { bytes: 0, written: 0 };
  if (!stats.isDirectory()) return { bytes: stats.size, written: stats.mtimeMs };
  const inside = readdirSync(path).map((name) => folderSize(join(path, name)));
  return {
    bytes: inside.reduce((sum, { bytes }) => sum + bytes, 0),
    written: Math.max(stats.mtimeMs, ...inside.map(({ written }) => written)),
  };
}
