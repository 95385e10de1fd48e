import { join } from 'node:path';
import { counted, UserError } from '@dualprior/core';
import { isFile, listedLines, shownLines } from '../files/find-images.ts';
import type { PairOfFiles } from './pairing.ts';

interface Listed extends PairOfFiles {
  readonly line: number;
}

/**
 * The pairs that a list names, in its order: `SHARP DEGRADED` a line, as paths below the two folders, with a tab or spaces between; one path
 * stands for both. `#` begins a comment. A pair that is named again is used once.
 * Errors: no list, an empty one; a line of more than two paths; files that are missing, the first five of each side.
 */
export function listedPairs(
  list: string,
  folders: { readonly sharp: string; readonly degraded: string },
): { readonly pairs: PairOfFiles[]; readonly warnings: string[] } {
  const named = listedLines(list).map(({ path, line }) => pairOf(list, path, line));
  const missing = (['sharp', 'degraded'] as const).flatMap((side) => {
    const gone = named.filter((pair) => !isFile(join(folders[side], pair[side])));
    if (gone.length === 0) return [];
    const lines = gone.map((pair) => ({ path: pair[side], line: pair.line }));
    return [`${gone.length} ${side} of ${folders[side]}\n${shownLines(list, lines)}`];
  });
  if (missing.length > 0) {
    throw new UserError(
      `The list names images that are missing:\n${missing.join('\n')}\n  Write paths below \`sharp\` and \`degraded\`, or restore these files.`,
    );
  }
  const pairs = new Map(named.map((pair) => [JSON.stringify([pair.sharp, pair.degraded]), pair]));
  const again = named.length - pairs.size;
  return {
    pairs: [...pairs.values()].map(({ sharp, degraded }) => ({ sharp, degraded })),
    warnings: again > 0 ? [`${list} names ${counted(again, 'pair')} again; each is used once`] : [],
  };
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
