import { join } from 'node:path';
import { INSTALLATION } from './installation.mjs';

/** The compiled modules that a process runs from. */
interface Compiled {
  /** Address of the module behind each name by which plugins import. */
  readonly doors: Readonly<Record<string, string>>;
  /** What the sampler's threads run. */
  readonly worker: string;
}

/** Those of this process; undefined where a loader compiles each file, as in tests (`tools/start` says which). */
export const COMPILED = (globalThis as { readonly dualpriorCompiled?: Compiled }).dualpriorCompiled;

/** Runs a program in TypeScript: from compiled modules where it has some (`tools/start/sources.mjs`), else by the TypeScript loader. */
const START = join(INSTALLATION, 'tools', 'start', 'start.mjs');

/** What Node takes to run a program in TypeScript; arguments of the program may follow. */
export function programOf(file: string): string[] {
  return [START, file];
}
