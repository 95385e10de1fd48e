import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { UserError } from '@dualprior/core';

const EXTENSIONS = /\.(png|jpe?g|webp)$/i;

/** Paths of all png, jpg and webp files below a folder, relative to it, sorted by their UTF-16 code units. Errors: no folder. */
export function findImages(root: string): string[] {
  checkFolder(root);
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && EXTENSIONS.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/** Paths that a list file names, one a line, relative to the folder; `#` begins a comment. Errors: a file is missing. */
export function readList(root: string, list: string): string[] {
  checkFolder(root);
  if (!existsSync(list)) throw new UserError(`The list ${list} does not exist.`);
  const lines = readFileSync(list, 'utf8').split(/\r?\n/);
  const named = lines
    .map((line, i) => ({ path: line.trim(), line: i + 1 }))
    .filter(({ path }) => path && !path.startsWith('#'));
  const missing = named.filter(({ path }) => !existsSync(join(root, path)));
  if (missing.length > 0) {
    const shown = missing.slice(0, 5).map(({ path, line }) => `  ${list}:${line}: ${path}`);
    const more = missing.length > 5 ? [`  and ${missing.length - 5} more`] : [];
    throw new UserError(`The list names images that are not in ${root}:\n${[...shown, ...more].join('\n')}`);
  }
  return named.map(({ path }) => path);
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
