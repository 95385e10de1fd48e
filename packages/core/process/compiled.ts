import { TYPESCRIPT } from './typescript.ts';

/** The compiled modules that a process runs from. */
interface Compiled {
  /** Address of the module behind each name by which plugins import. */
  readonly doors: Readonly<Record<string, string>>;
  /** The program that runs others from compiled modules: `node START FILE`. */
  readonly start: string;
  /** What the sampler's threads run. */
  readonly worker: string;
}

/** Those of this process; undefined where a loader compiles each file, as in tests (`tools/start` says which). */
export const COMPILED = (globalThis as { readonly dualpriorCompiled?: Compiled }).dualpriorCompiled;

/** What Node takes to run a program of ours, in TypeScript, the way this process runs. */
export function programOf(file: string): string[] {
  return COMPILED ? [COMPILED.start, file] : [...TYPESCRIPT, file];
}
