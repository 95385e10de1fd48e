import { existsSync, readdirSync, readFileSync, realpathSync, statSync, type Dirent, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '@dualprior/core';
import { countEndings, hasUnreadImages, IMAGE_ENDINGS, isImageName } from './formats.ts';

const SHOWN = 5;

/** The files below a folder, relative to it, sorted by their UTF-16 code units. */
interface FoundFiles {
  readonly images: string[];
  /** Neither images by their names nor hidden. */
  readonly others: string[];
}

/**
 * Looks for images (`IMAGE_ENDINGS`) below a folder. Links to folders are followed; hidden files and folders (`.thumbnails`, `._a.jpg`) are
 * left alone. Errors: no folder, or one that cannot be read.
 */
export function findImages(root: string): FoundFiles {
  checkFolder(root);
  const files = filesBelow(root, '', [realpathSync(root)]).sort();
  const images = files.filter(isImageName);
  return { images, others: files.filter((file) => !isImageName(file)) };
}

/** What of a folder is not used, in one line: a warning where there are images among it. */
export function unusedFiles(root: string, others: readonly string[]): Pick<Listed, 'warnings' | 'notes'> {
  if (others.length === 0) return { warnings: [], notes: [] };
  const line = `Not used in ${root}: ${countEndings(others)}. Images are the files that end in ${IMAGE_ENDINGS.join(', ')}.`;
  return hasUnreadImages(others) ? { warnings: [line], notes: [] } : { warnings: [], notes: [line] };
}

/** `path` ends with a slash or is empty; `inside` are the real folders on the way down, so that a link to one of them ends the walk. */
function filesBelow(root: string, path: string, inside: readonly string[]): string[] {
  return entries(join(root, path))
    .filter(({ name }) => !name.startsWith('.'))
    .flatMap((entry) => {
      const kind = kindOf(entry, root, path);
      if (kind !== 'folder') return kind === 'file' ? [path + entry.name] : [];
      const file = join(root, path, entry.name);
      const real = realpathSync(file);
      return inside.includes(real) ? [] : filesBelow(root, `${path}${entry.name}/`, [...inside, real]);
    });
}

function entries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw new UserError(`The folder ${folder} cannot be read: ${(error as Error).message}`);
  }
}

/** A link is what it leads to, and a file where it leads nowhere. A pipe or a device is neither: reading it might never end. */
function kindOf(entry: Dirent, root: string, path: string): 'file' | 'folder' | undefined {
  const kind = entry.isSymbolicLink() ? targetOf(join(root, path, entry.name)) : entry;
  if (!kind || kind.isFile()) return 'file';
  return kind.isDirectory() ? 'folder' : undefined;
}

function targetOf(link: string): Stats | undefined {
  try {
    return statSync(link);
  } catch {
    return undefined; // a link to nothing, in a circle, or into a folder that is closed to us
  }
}

/** Images that were found. */
export interface Listed {
  /** Relative to the folder, each once. */
  readonly paths: string[];
  readonly warnings: string[];
  /** What is worth a line, but no warning. */
  readonly notes: string[];
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
  const missing = named.filter(({ path }) => !isFile(join(root, path)));
  if (missing.length > 0) {
    throw new UserError(
      `The list names images that are not in ${root}:\n${shownLines(list, missing)}\n  Write paths below \`root\`, or restore these files.`,
    );
  }
  const files = new Map<string, string>();
  const again = named.filter(({ path }) => {
    const file = join(root, path);
    if (files.has(file)) return true;
    files.set(file, path);
    return false;
  });
  const warnings =
    again.length > 0 ? [`The list names images more than once; each is used once:\n${shownLines(list, again)}`] : [];
  return { paths: [...files.values()], warnings, notes: [] };
}

/** The first lines of a list that something is wrong with, and how many more there are. */
export function shownLines(list: string, lines: readonly ListedLine[]): string {
  const shown = lines.slice(0, SHOWN).map(({ path, line }) => `  ${list}:${line}: ${path}`);
  return [...shown, ...(lines.length > SHOWN ? [`  and ${lines.length - SHOWN} more`] : [])].join('\n');
}

/** What a list file names. Errors: no list, an empty one, one that is no text. */
export function listedLines(list: string): ListedLine[] {
  const named = listText(list)
    .split(/\r\n|\r|\n/)
    .map((line, i) => ({ path: line.trim(), line: i + 1 }))
    .filter(({ path }) => path && !path.startsWith('#'));
  if (named.length === 0) throw new UserError(`The list ${list} names no image.`);
  return named;
}

/** UTF-8, or UTF-16 with its byte order mark, as Windows' PowerShell writes it. */
function listText(list: string): string {
  if (!existsSync(list)) throw new UserError(`The list ${list} does not exist.`);
  const bytes = listBytes(list);
  const text = decodeText(bytes);
  if (text !== undefined && !text.includes('\0')) return text;
  const found = bytes.includes(0) ? 'it has zero bytes, as UTF-16 without a byte order mark or a binary file has' : '';
  throw new UserError(
    `The list ${list} is not text in UTF-8${found && ` (${found})`}. Save it as UTF-8: file names, one a line.`,
  );
}

function listBytes(list: string): Buffer {
  try {
    return readFileSync(list);
  } catch (error) {
    throw new UserError(`The list ${list} cannot be read: ${(error as Error).message}`);
  }
}

/** Text without its byte order mark, or undefined where it is not text of the encoding that the mark says. */
function decodeText(bytes: Buffer): string | undefined {
  const mark = bytes.subarray(0, 2).toString('hex');
  const encoding = mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Whether it is a file, or a link that leads to one. */
export function isFile(file: string): boolean {
  return targetOf(file)?.isFile() ?? false;
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
