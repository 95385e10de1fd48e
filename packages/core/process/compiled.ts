import { join } from 'node:path';
import { INSTALLATION } from '../plugins/installation.mjs';
import { TYPESCRIPT } from './typescript.ts';

/** The compiled modules that a process runs from. */
export interface Compiled {
  /** Address of the module behind each name by which plugins import. */
  readonly doors: Readonly<Record<string, string>>;
  /** What the sampler's threads run. */
  readonly worker: string;
}

/** Those of this process; undefined where a loader compiles each file, as in tests (`tools/start` says which). */
export const COMPILED = (globalThis as { readonly dualpriorCompiled?: Compiled }).dualpriorCompiled;

/** What Node takes to run a program of ours, in TypeScript, the way this process runs. */
export function programOf(file: string): string[] {
  return COMPILED ? [join(INSTALLATION, 'tools', 'start', 'start.mjs'), file] : [...TYPESCRIPT, file];
}
