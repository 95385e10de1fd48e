import { extname } from 'node:path';
import { UserError } from '@dualprior/core';
import { IMAGE_ENDINGS } from '../files/formats.ts';

/** The files of a pair, each relative to its folder. */
export interface PairOfFiles {
  readonly sharp: string;
  readonly degraded: string;
}

/** Which sharp and which degraded images belong together. */
export interface Matched {
  /** In the order of the sharp images. */
  readonly pairs: PairOfFiles[];
  /** Images without the other one. */
  readonly unmatched: { readonly sharp: string[]; readonly degraded: string[] };
  /** Files that no pattern is for. */
  readonly others: { readonly sharp: string[]; readonly degraded: string[] };
}

/** What the sharp and the degraded images are called: paths without their endings, in which stars stand for what is equal in both. */
interface Pattern {
  readonly sharp: string;
  readonly degraded: string;
}

/** Two images are a pair where their paths are equal but for their endings. */
export const EQUAL_NAMES: Pattern = { sharp: '**', degraded: '**' };

/**
 * Matches images by what the stars of two patterns stand for: `*` for part of a name, `**` also for folders. Endings do not count.
 * Errors: patterns whose stars differ in number; two images of one side that match the same.
 */
export function matchImages(sharp: readonly string[], degraded: readonly string[], pattern: Pattern): Matched {
  const [sharpStars, degradedStars] = [starsOf(pattern.sharp), starsOf(pattern.degraded)];
  if (sharpStars.length === 0 || sharpStars.join() !== degradedStars.join()) {
    throw new UserError(
      `pattern: "${pattern.sharp}" and "${pattern.degraded}" must have the same stars in the same order; they stand for what is equal in both names.`,
    );
  }
  const [ours, theirs] = [byKey(sharp, pattern.sharp, 'sharp'), byKey(degraded, pattern.degraded, 'degraded')];
  const pairs: PairOfFiles[] = [];
  const alone: string[] = [];
  for (const [key, path] of ours.files) {
    const other = theirs.files.get(key);
    if (other === undefined) alone.push(path);
    else pairs.push({ sharp: path, degraded: other });
  }
  const aloneToo = [...theirs.files].flatMap(([key, path]) => (ours.files.has(key) ? [] : [path]));
  return {
    pairs,
    unmatched: { sharp: alone, degraded: aloneToo },
    others: { sharp: ours.others, degraded: theirs.others },
  };
}

function starsOf(pattern: string): string[] {
  return pattern.match(/\*\*|\*/g) ?? [];
}

function byKey(paths: readonly string[], pattern: string, which: 'sharp' | 'degraded') {
  const expression = expressionOf(pattern);
  const files = new Map<string, string>();
  const others: string[] = [];
  for (const path of paths) {
    const found = expression.exec(withoutEnding(path));
    if (!found) {
      others.push(path);
      continue;
    }
    const key = found.slice(1).join('\0');
    const known = files.get(key);
    if (known !== undefined) {
      throw new UserError(
        `${known} and ${path} are both ${which} images of one pair, as endings do not count. Keep one of them.`,
      );
    }
    files.set(key, path);
  }
  return { files, others };
}

function expressionOf(pattern: string): RegExp {
  const parts = withoutEnding(pattern).split(/(\*\*|\*)/);
  const source = parts.map((part) => {
    if (part === '**') return '(.*)';
    return part === '*' ? '([^/]*)' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${source.join('')}$`, 's');
}

/** A path or pattern without the ending of an image. */
function withoutEnding(path: string): string {
  const ending = extname(path);
  const isImage = (IMAGE_ENDINGS as readonly string[]).includes(ending.toLowerCase());
  return isImage ? path.slice(0, -ending.length) : path;
}

const SHOWN = 5;

/** The first names of a list, and how many more there are. */
export function firstNames(names: readonly string[]): string {
  const more = names.length - SHOWN;
  return names.slice(0, SHOWN).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
