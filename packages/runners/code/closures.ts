import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';

/** The files that each of some files needs to run, and all that were looked at to find them: absolute paths. */
export interface Closures {
  readonly needed: ReadonlyMap<string, readonly string[]>;
  readonly seen: readonly string[];
}

/** A package, and which of its doors where that is not `index.ts`. */
const DOOR = /^@dualprior\/([a-z]+)(?:\/([a-z]+))?$/;

/**
 * Follows the imports of files as a bundler does: what is imported for its type is left out, and of a package's `index.ts` only the file of
 * the symbol that is named counts. Packages of others are left out.
 * @param root the folder that holds `packages/`
 */
export async function closures(root: string, files: readonly string[]): Promise<Closures> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [...files],
    outdir: '.',
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'silent',
    plugins: [imports(root)],
  });
  const absolute = (path: string) => resolve(root, path);
  const needed = Object.values(metafile.outputs).flatMap(({ entryPoint, inputs }) => {
    if (entryPoint === undefined) return [];
    const used = Object.keys(inputs).filter((path) => inputs[path]!.bytesInOutput > 0);
    return [[absolute(entryPoint), used.map(absolute)] as const];
  });
  return { needed: new Map(needed), seen: Object.keys(metafile.inputs).map(absolute) };
}

/** What is imported for its effects alone counts as unused. */
function imports(root: string): Plugin {
  return {
    name: 'imports',
    setup({ onResolve }) {
      onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir }) => {
        const file = resolve(resolveDir, path);
        const isFile = statSync(file, { throwIfNoEntry: false })?.isFile() === true;
        return isFile ? { path: file, sideEffects: false } : undefined; // plugins may leave out the ending
      });
      onResolve({ filter: /^[^./]/ }, ({ path }) => {
        const [, name, door = 'index'] = DOOR.exec(path) ?? [];
        if (name === undefined) return { path, external: true, sideEffects: false };
        return { path: resolve(root, 'packages', name, `${door}.ts`), sideEffects: false };
      });
    },
  };
}
