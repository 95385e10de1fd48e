import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** What a Node process takes before a program in TypeScript. */
export const TYPESCRIPT: readonly string[] = [
  '--import',
  pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href,
];
