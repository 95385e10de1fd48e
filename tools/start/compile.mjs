import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { DOORS, entries, JOINED, NAMES } from './sources.mjs';

/** Marks packages that are loaded by `require`. */
const REQUIRED = 'required';

/**
 * Compiles all programs of a checkout into modules for Node, with what they share in modules of its own: so there is one of each class in a process,
 * also where a plugin imports it. Code that asks where it lies (`import.meta.url`) is told its source. Source maps give errors the lines of the sources.
 * Returns the files to write, and the text of all sources, by path relative to the root.
 * Errors: those of esbuild, with file and line.
 */
export async function compile(root, folder) {
  const read = new Map();
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: entries(root),
    outbase: root,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'shared/[hash]',
    bundle: true,
    splitting: true,
    keepNames: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    sourcesContent: false,
    write: false,
    logLevel: 'silent',
    // Packages in CommonJS ask for modules of Node by it.
    banner: {
      js: `import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);`,
    },
    plugins: [sources(root, read)],
  });
  return { outputFiles, read };
}

function sources(root, read) {
  return {
    name: 'sources',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^@tensorflow\/tfjs-core$/ }, ({ path, namespace }) =>
        namespace === REQUIRED ? { path, external: true } : { path, namespace: REQUIRED },
      );
      onResolve({ filter: /^[^./]/, namespace: 'file' }, ({ path, kind }) => {
        if (kind === 'entry-point') return undefined;
        const own = DOORS[path] ?? NAMES[path];
        if (own !== undefined) return { path: join(root, own) };
        return isJoined(path) ? undefined : { path, external: true };
      });
      onLoad({ filter: /./, namespace: REQUIRED }, ({ path }) => ({ contents: required(path), resolveDir: root }));
      onLoad({ filter: /\.(ts|mjs)$/ }, ({ path }) => {
        const file = relative(root, path);
        if (file.startsWith('node_modules/')) return undefined;
        const text = readFileSync(path, 'utf8');
        read.set(file, text);
        return { contents: placed(path, text), loader: path.endsWith('.ts') ? 'ts' : 'js' };
      });
    },
  };
}

/** A package in CommonJS as a module with its names, which Node would find by reading all of its code at each start. */
function required(name) {
  const names = Object.keys(createRequire(import.meta.url)(name)).filter((key) => key !== 'default');
  const values = names.map((key, i) => `const $${i} = $.${key};`);
  return `const $ = require(${JSON.stringify(name)});\n${values.join('\n')}\nexport { ${names.map((key, i) => `$${i} as ${key}`).join(', ')} };`;
}

function isJoined(name) {
  return JOINED.some((joined) => name === joined || name.startsWith(`${joined}/`));
}

/** A source that knows where it lies, and says so to the catalogue while it declares components. No line of it moves. */
function placed(path, text) {
  const places = { dirname: dirname(path), filename: path, url: pathToFileURL(path).href };
  const known = text.replaceAll(/\bimport\.meta\.(dirname|filename|url)\b/g, (_, name) => JSON.stringify(places[name]));
  if (!/^@\w+\.component\(/m.test(text)) return known;
  return `globalThis.dualpriorSource = ${JSON.stringify(path)}; ${known}\nglobalThis.dualpriorSource = undefined;\n`;
}
