import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Packages whose components are found by their decorator. */
export const INDEXED_PACKAGES = ['packages/blocks', 'packages/runners'] as const;

const INDEX_FILE = 'components.generated.ts';
const HEADER = '// Written by `yarn index`: every file of this package that declares a component.\n';
const DECLARES_COMPONENT = /^@\w+\.component\(/m;

/** No part of the product: those of dependencies, and components that tests register themselves. */
const LEFT_OUT = ['node_modules', 'testing'];

/** Files of a package that declare a component, relative to it, sorted. */
export function componentFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.endsWith('.d.ts'))
    .filter((file) => file !== INDEX_FILE && !file.split('/').some((name) => LEFT_OUT.includes(name)))
    .filter((file) => DECLARES_COMPONENT.test(readFileSync(join(folder, file), 'utf8')))
    .sort();
}

/** What the index of a package should say. */
export function componentIndex(folder: string): string {
  const lines = componentFiles(folder).map((file) => `export * from './${file}';\n`);
  return HEADER + (lines.length > 0 ? lines.join('') : 'export {};\n');
}

/** What the index of a package says now, or undefined where it has none. */
export function writtenIndex(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, INDEX_FILE), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Brings the index of a package up to date. Returns whether it had to be changed. */
export function writeIndex(folder: string): boolean {
  const index = componentIndex(folder);
  if (writtenIndex(folder) === index) return false;
  writeFileSync(join(folder, INDEX_FILE), index);
  return true;
}
