import { existsSync, readdirSync, readFileSync, realpathSync, statSync, type Dirent } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '@dualprior/core';

const EXTENSIONS = /\.(png|jpe?g|webp)$/i;
const SHOWN = 5;

/**
 * Paths of all png, jpg and webp files below a folder, relative to it, sorted by their UTF-16 code units. Links to folders are
 * followed; hidden files and folders (`.thumbnails`, `._a.jpg`) are not images. Errors: no folder, or one that cannot be read.
 */
export function findImages(root: string): string[] {
  checkFolder(root);
  return imagesBelow(root, '', [realpathSync(root)]).sort();
}

/** `path` ends with a slash or is empty; `inside` are the real folders on the way down, so that a link to one of them ends the walk. */
function imagesBelow(root: string, path: string, inside: readonly string[]): string[] {
  return entries(join(root, path))
    .filter(({ name }) => !name.startsWith('.'))
    .flatMap((entry) => {
      const file = join(root, path, entry.name);
      if (!isFolder(entry, file)) return EXTENSIONS.test(entry.name) ? [path + entry.name] : [];
      const real = realpathSync(file);
      return inside.includes(real) ? [] : imagesBelow(root, `${path}${entry.name}/`, [...inside, real]);
    });
}

function entries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw new UserError(`The folder ${folder} cannot be read: ${(error as Error).message}`);
  }
}

function isFolder(entry: Dirent, file: string): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Images that were found. */
export interface Listed {
  /** Relative to the folder, each once. */
  readonly paths: string[];
  readonly warnings: string[];
}

/** A line of a list that is not empty and no comment. */
export interface ListedLine {
  readonly path: string;
  /** Beginning with 1. */
  readonly line: number;
}

/**
 * Images that a list file names, in its order, one path a line, relative to the folder; `#` begins a comment. An image that is named again
 * is used once, with a warning: it could be trained on and held out otherwise.
 * Errors: no folder, no list, an empty list, an image that is missing.
 */
export function readList(root: string, list: string): Listed {
  checkFolder(root);
  const named = listedLines(list);
  const shown = (lines: readonly ListedLine[]) => [
    ...lines.slice(0, SHOWN).map(({ path, line }) => `  ${list}:${line}: ${path}`),
    ...(lines.length > SHOWN ? [`  and ${lines.length - SHOWN} more`] : []),
  ];
  const missing = named.filter(({ path }) => !isFile(join(root, path)));
  if (missing.length > 0) {
    throw new UserError(`The list names images that are not in ${root}:\n${shown(missing).join('\n')}`);
  }
  const files = new Map<string, string>();
  const again = named.filter(({ path }) => {
    const file = join(root, path);
    if (files.has(file)) return true;
    files.set(file, path);
    return false;
  });
  const warnings =
    again.length > 0 ? [`The list names images more than once; each is used once:\n${shown(again).join('\n')}`] : [];
  return { paths: [...files.values()], warnings };
}

/** What a list file names. Errors: no list, an empty one. */
export function listedLines(list: string): ListedLine[] {
  const named = listText(list)
    .split(/\r?\n/)
    .map((line, i) => ({ path: line.trim(), line: i + 1 }))
    .filter(({ path }) => path && !path.startsWith('#'));
  if (named.length === 0) throw new UserError(`The list ${list} names no image.`);
  return named;
}

function listText(list: string): string {
  if (!existsSync(list)) throw new UserError(`The list ${list} does not exist.`);
  try {
    return readFileSync(list, 'utf8');
  } catch (error) {
    throw new UserError(`The list ${list} cannot be read: ${(error as Error).message}`);
  }
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

function checkFolder(root: string): void {
  if (existsSync(root)) {
    if (statSync(root).isDirectory()) return;
    throw new UserError(`${root} is a file, but a folder of images is wanted.`);
  }
  const parent = dirname(root);
  const near = existsSync(parent)
    ? readdirSync(parent, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    : [];
  const hint =
    near.length > 0
      ? `\n  ${parent} has: ${near
          .slice(0, 8)
          .map(({ name }) => name)
          .join(', ')}`
      : '';
  throw new UserError(`The folder of images ${root} does not exist.${hint}`);
}
