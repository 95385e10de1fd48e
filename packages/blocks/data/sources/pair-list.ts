import { statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@dualprior/core';
import { listedLines } from '../files/find-images.ts';
import type { PairOfFiles } from './pairing.ts';

const SHOWN = 5;

interface Listed extends PairOfFiles {
  readonly line: number;
}

/**
 * The pairs that a list names, in its order: `SHARP DEGRADED` a line, as paths below the two folders, with a tab or spaces between; one path
 * stands for both. `#` begins a comment. A pair that is named again is used once.
 * Errors: no list, an empty one; a line of more than two paths; files that are missing, the first five of each side.
 * @param warn told of pairs that are named again
 */
export function listedPairs(
  list: string,
  folders: { readonly sharp: string; readonly degraded: string },
  warn: (line: string) => void,
): PairOfFiles[] {
  const named = listedLines(list).map(({ path, line }) => pairOf(list, path, line));
  const missing = (['sharp', 'degraded'] as const).flatMap((side) => {
    const gone = named.filter((pair) => !isFile(join(folders[side], pair[side])));
    return gone.length > 0 ? [missingLines(list, side, folders[side], gone)] : [];
  });
  if (missing.length > 0) throw new UserError(`The list names images that are missing:\n${missing.join('\n')}`);
  const pairs = new Map(named.map((pair) => [JSON.stringify([pair.sharp, pair.degraded]), pair]));
  if (pairs.size < named.length) warn(`${list} names ${named.length - pairs.size} pairs again; each is used once`);
  return [...pairs.values()].map(({ sharp, degraded }) => ({ sharp, degraded }));
}

function pairOf(list: string, text: string, line: number): Listed {
  const paths = text.includes('\t') ? text.split(/\s*\t\s*/) : text.split(/\s+/);
  const [sharp, degraded = sharp, ...more] = paths;
  if (more.length === 0 && sharp && degraded) return { sharp, degraded, line };
  throw new UserError(
    `${list}:${line}: "${text}" is no pair. Write \`SHARP DEGRADED\`, or one path that both images have; ` +
      'where paths have spaces, put a tab between them.',
  );
}

function missingLines(list: string, side: 'sharp' | 'degraded', folder: string, gone: readonly Listed[]): string {
  const shown = gone.slice(0, SHOWN).map((pair) => `  ${list}:${pair.line}: ${pair[side]}`);
  const more = gone.length > SHOWN ? [`  and ${gone.length - SHOWN} more`] : [];
  return [`${gone.length} ${side} of ${folder}`, ...shown, ...more].join('\n');
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
