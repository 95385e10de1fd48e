import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentHash } from '@dualprior/core';
import writeFileAtomic from 'write-file-atomic';

/** Checksums of the files of a folder, as `sha256sum -c checksums.sha256` compares them. */
const CHECKSUMS = 'checksums.sha256';
const LINE = /^([0-9a-f]{64}) {2}(.+)$/;

/** Writes down what the files are. */
export function seal(folder: string, files: readonly string[]): void {
  const lines = files.map((file) => `${contentHash(join(folder, file))}  ${file}\n`);
  writeFileAtomic.sync(join(folder, CHECKSUMS), lines.join(''));
}

/** The first of the files that is not as it was, or the list itself; undefined where all are, and where an older version wrote no list. */
export function damagedFile(folder: string): string | undefined {
  const list = join(folder, CHECKSUMS);
  if (!existsSync(list)) return undefined;
  const lines = readFileSync(list, 'utf8').split('\n').slice(0, -1);
  for (const line of lines) {
    const [, hash, name] = LINE.exec(line) ?? [];
    if (hash === undefined || name === undefined) return list;
    const file = join(folder, name);
    if (!existsSync(file) || contentHash(file) !== hash) return file;
  }
  return lines.length === 0 ? list : undefined;
}
