import { basename, extname } from 'node:path';
import { UserError } from '@dualprior/core';
import { findImages, listedLines, unusedFiles, type Listed, type ListedLine } from './find-images.ts';

const DIGITS = 5;

/** A data set whose images are called by their numbers. */
export interface Numbering {
  /** What users call the data set. */
  readonly title: string;
  /** Numbers are 0 to `count` - 1. */
  readonly count: number;
  /** Matches a file's name without its extension; the first group is the number. */
  readonly pattern: RegExp;
  /** A file's name, e.g. `00123.png`. */
  readonly example: (name: string) => string;
}

/** What an image is called, wherever it lies and whatever it is encoded as: its number in five digits. */
export function numberName({ pattern }: Numbering, path: string): string {
  return String(numberOf(pattern, path)).padStart(DIGITS, '0');
}

/**
 * The images with these numbers, in ascending order; of the others in the folder none. A file whose name has no number is left alone,
 * with a warning.
 * Errors: no such image; a number that the data set does not have; two images with one number; images that are missing, unless `incomplete`.
 */
export function numberedImages(
  root: string,
  numbering: Numbering,
  isWanted: (number: number) => boolean,
  incomplete: boolean,
): Listed {
  const { title, count, example } = numbering;
  const { files, others, unused } = filesByNumber(root, numbering);
  const wanted = range(0, count).filter(isWanted);
  const paths = wanted.flatMap((number) => files.get(number) ?? []);
  const missing = wanted.filter((number) => !files.has(number));
  const named = (number: number) => example(String(number).padStart(DIGITS, '0'));
  if (paths.length === 0) {
    const found = others.length > 0 ? `; it has ${others[0]!}` : '';
    throw new UserError(`${root} has no image of ${title} that is wanted here, such as ${named(wanted[0]!)}${found}.`);
  }
  if (missing.length > 0 && !incomplete) {
    throw new UserError(
      `${missing.length} of ${wanted.length} images of ${title} are missing in ${root}, e.g. ${named(missing[0]!)}. ` +
        'Fetch them, or say `incomplete: true` to go without them.',
    );
  }
  const ignored = `Images of ${root} whose names have no number are not used: ${others[0]!}, of ${others.length}.`;
  const { warnings, notes } = unusedFiles(root, unused);
  return { paths, warnings: [...(others.length > 0 ? [ignored] : []), ...warnings], notes };
}

/**
 * Numbers of the images that a list names, one a line, with or without folder and extension.
 * Errors: no list, an empty one, a line that names none.
 */
export function listedNumbers(list: string, numbering: Numbering): Set<number> {
  return new Set(listedLines(list).map((line) => listedNumber(list, line, numbering)));
}

function listedNumber(list: string, { path, line }: ListedLine, { title, count, pattern, example }: Numbering): number {
  const number = numberOf(pattern, path);
  if (number !== undefined && number < count) return number;
  throw new UserError(
    `${list}:${line}: "${path}" names no image of ${title}; they are ${example('00000')} to ${example(String(count - 1))}.`,
  );
}

/** The numbers from `start` to `end` - 1. */
function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i);
}

function filesByNumber(root: string, { title, count, pattern }: Numbering) {
  const files = new Map<number, string>();
  const others: string[] = [];
  const found = findImages(root);
  for (const path of found.images) {
    const number = numberOf(pattern, path);
    if (number === undefined) {
      others.push(path);
      continue;
    }
    if (number >= count) {
      throw new UserError(`${root} has ${path}, but the numbers of ${title} are 0 to ${count - 1}.`);
    }
    const known = files.get(number);
    if (known !== undefined) {
      throw new UserError(
        `${root} has an image twice, ${known} and ${path}; \`root\` must name the folder of one kind.`,
      );
    }
    files.set(number, path);
  }
  return { files, others, unused: found.others };
}

function numberOf(pattern: RegExp, path: string): number | undefined {
  const digits = pattern.exec(basename(path, extname(path)))?.[1];
  return digits === undefined ? undefined : Number(digits);
}
