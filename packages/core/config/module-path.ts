import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, extname, join, resolve } from 'node:path';

/** What became of the name of a module. */
type FoundModule = { readonly file: string } | { readonly problem: string; readonly hint?: string };

const ENDINGS = ['.ts', '.mts', '.js', '.mjs'];

/**
 * The file (absolute, symbolic links followed) that a name stands for: a path (`./mine.ts`, `../mine`, `/a/mine.js`, `~/mine.ts`), or a package, looked up in `node_modules`
 * of the folder and those above it. A folder counts as a package: its package.json names the file.
 */
export function findModule(name: string, folder: string): FoundModule {
  const isPath = /^(?:\.{1,2}|~)?\/|^(?:\.{1,2}|~)$/.test(name);
  if (!isPath) return findPackage(name, folder);
  const path = resolve(folder, name.replace(/^~(?=\/|$)/, homedir()));
  if (!existsSync(path))
    return {
      problem: `there is no file ${path}`,
      ...hintOf(
        ENDINGS.map((ending) => name + ending),
        folder,
      ),
    };
  return statSync(path).isDirectory() ? entryOf(path) : checked(path);
}

function findPackage(name: string, folder: string): FoundModule {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const path = join(at, 'node_modules', name);
    if (existsSync(path)) return entryOf(path);
    if (at === dirname(at)) break;
  }
  const near = hintOf([`./${name}`], folder);
  const hint = 'hint' in near ? near : { hint: `install it there: npm install ${name}` };
  return { problem: `the package ${name} is not installed in ${folder} or above it`, ...hint };
}

/** The file that a package is imported by. */
function entryOf(folder: string): FoundModule {
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) return { problem: `${folder} has no package.json`, hint: 'name the file itself' };
  let entry: unknown;
  try {
    const { exports, main } = JSON.parse(readFileSync(manifest, 'utf8')) as { exports?: unknown; main?: unknown };
    entry = exports === undefined ? (main ?? 'index.js') : imported(exports);
  } catch (error) {
    return { problem: `${manifest} cannot be read: ${(error as Error).message}` };
  }
  if (typeof entry !== 'string')
    return { problem: `${manifest} exports nothing to import`, hint: '"exports": "./index.js"' };
  const file = join(folder, entry);
  return existsSync(file) ? checked(file) : { problem: `there is no file ${file}, which ${manifest} names` };
}

/** The target of `exports` for `import`: of the package itself, by the first condition that applies. */
function imported(exports: unknown): unknown {
  if (Array.isArray(exports)) return exports.map(imported).find((target) => target !== undefined);
  if (typeof exports !== 'object' || exports === null) return exports ?? undefined;
  const own = (exports as Record<string, unknown>)['.'];
  if (own !== undefined) return imported(own);
  const applying = Object.entries(exports).filter(([condition]) => ['import', 'node', 'default'].includes(condition));
  return applying.map(([, target]) => imported(target)).find((target) => target !== undefined);
}

function checked(path: string): FoundModule {
  const file = realpathSync(path);
  if (ENDINGS.includes(extname(file))) return { file };
  return { problem: `${path} is no module that can be imported`, hint: `a file ${ENDINGS.join(', ')}` };
}

function hintOf(names: readonly string[], folder: string): { hint?: string } {
  const there = names.find((name) => existsSync(resolve(folder, name)));
  return there === undefined ? {} : { hint: `did you mean "${there}"?` };
}
