import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { findImages } from '@dualprior/blocks';
import { UserError } from '@dualprior/core';
import { globSync, isDynamicPattern } from 'tinyglobby';
import { FORMATS, type PhotoFormat } from './photo-format.ts';

/** A photograph and where its restored one goes. */
export interface Job {
  readonly input: string;
  readonly output: string;
}

/** A photograph that was asked for, and its path below the folder or pattern that names it. */
interface Found {
  readonly input: string;
  readonly path: string;
}

const SHOWN = 5;

/**
 * The photographs that files, folders and patterns name, each once, and where in `output` they go: below a folder as they lie there.
 * @param inputs absolute paths
 * @param format that all are written in; undefined: each in its own
 * Errors: `UserError` for what is not there, a folder or pattern without images, an output folder that is an input or lies in one, and two
 * photographs that would become one file.
 */
export function jobsOf(inputs: readonly string[], output: string, format?: PhotoFormat): Job[] {
  const root = resolve(output);
  const found = new Map<string, Found>();
  for (const input of inputs)
    for (const each of find(input, root)) found.set(each.input, found.get(each.input) ?? each);
  const jobs = [...found.values()].map(({ input, path }) => ({ input, output: join(root, named(path, format)) }));
  refuseOverwriting(jobs);
  refuseCollisions(jobs);
  return jobs;
}

function find(input: string, output: string): Found[] {
  const stats = statSync(input, { throwIfNoEntry: false });
  if (stats?.isDirectory()) {
    refuseInside(input, output);
    return imagesBelow(input).map((path) => ({ input: join(input, path), path }));
  }
  if (stats) return [{ input, path: basename(input) }];
  if (!isDynamicPattern(input)) throw new UserError(`${input} does not exist.`);
  const base = fixedPart(input);
  const files = globSync(relative(base, input), { cwd: base, absolute: true, expandDirectories: false }).sort();
  const outside = files.filter((file) => !isInside(file, output));
  if (outside.length > 0) return outside.map((file) => ({ input: file, path: relative(base, file) }));
  throw new UserError(`The pattern ${input} matches no file.`);
}

/** The images below a folder, by their paths in it. Errors: `UserError` if there are none. */
export function imagesBelow(folder: string): readonly string[] {
  const { images } = findImages(folder);
  if (images.length > 0) return images;
  throw new UserError(`The folder ${folder} holds no images (files that end in ${endings()}).`);
}

/** The folder above the first part of a pattern that is one. */
function fixedPart(pattern: string): string {
  const parts = pattern.split('/');
  const first = parts.findIndex((part) => isDynamicPattern(part));
  return parts.slice(0, first).join('/') || '/';
}

function named(path: string, format: PhotoFormat | undefined): string {
  if (format === undefined || FORMATS[format].endings.includes(extname(path).toLowerCase())) return path;
  return path.slice(0, path.length - extname(path).length) + FORMATS[format].endings[0]!;
}

function refuseInside(folder: string, output: string): void {
  if (!isInside(output, folder)) return;
  const where = real(output) === real(folder) ? 'is the folder of the photographs itself' : `lies in ${folder}`;
  throw new UserError(
    `The output folder ${output} ${where}: the next time, what was written would be taken for photographs. Give another --output.`,
  );
}

function refuseOverwriting(jobs: readonly Job[]): void {
  const same = jobs.find(({ input, output }) => existsSync(output) && real(output) === real(input));
  if (!same) return;
  throw new UserError(
    `${same.input} would be written over by its restored photograph. Give an --output elsewhere: photographs are never changed.`,
  );
}

function refuseCollisions(jobs: readonly Job[]): void {
  const by = new Map<string, string[]>();
  for (const { input, output } of jobs) by.set(output, [...(by.get(output) ?? []), input]);
  const several = [...by].filter(([, inputs]) => inputs.length > 1);
  if (several.length === 0) return;
  const lines = several.slice(0, SHOWN).map(([output, inputs]) => `  ${output}: ${inputs.join(', ')}`);
  if (several.length > SHOWN) lines.push(`  and ${several.length - SHOWN} more`);
  throw new UserError(
    `Several photographs would become one file:\n${lines.join('\n')}\n  Restore them in calls of their own, each with its --output.`,
  );
}

function isInside(path: string, folder: string): boolean {
  const way = relative(real(folder), real(path));
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** The path without links, also of what is not there yet. */
function real(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const parent = dirname(path);
  return parent === path ? path : join(real(parent), basename(path));
}

function endings(): string {
  return Object.values(FORMATS)
    .flatMap((facts) => facts.endings)
    .join(', ');
}
