import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ROOT } from '../setup/places.mjs';

/** The packages of this project. */
export const PACKAGES = ['core', 'blocks', 'runners'].map((name) => `packages/${name}`);

/** The names under which the packages are imported, and the file behind each. */
export const NAMES = Object.fromEntries(PACKAGES.flatMap(exportsOf));

/** What plugins import by name, and the file behind each name: what the packages export but for tests, and what TypeBox does. */
export const DOORS = {
  ...Object.fromEntries(Object.entries(NAMES).filter(([name]) => !name.includes('/testing/'))),
  '@sinclair/typebox': 'node_modules/@sinclair/typebox/build/esm/index.mjs',
  '@sinclair/typebox/value': 'node_modules/@sinclair/typebox/build/esm/value/index.mjs',
};

/** What the sampler's threads run. */
export const WORKER = 'packages/blocks/sampler-worker.ts';

/** Programs that commands start. */
const CHILDREN = ['bench', 'launchers/slurm', 'rehearsal'].map((room) => `packages/runners/${room}/child.ts`);

/** Packages of others that are compiled with ours, as they are many small files. All others are imported as they are. */
export const JOINED = [
  '@sinclair/typebox',
  'ajv',
  'commander',
  'fast-deep-equal',
  'fast-uri',
  'json-schema-traverse',
  'yaml',
];

/** Every file that a process can begin with, or that a plugin can import, relative to the root. */
export function entries(root = ROOT) {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const commands = Object.values(scripts).flatMap((script) => /tools\/run\.mjs (\S+)/.exec(script)?.slice(1) ?? []);
  const programs = [...new Set(commands)].map((name) => `packages/runners/cli/${name}.ts`);
  return [...programs, ...CHILDREN, WORKER, ...Object.values(DOORS)];
}

/** Where a file of the root is among the compiled ones. */
export function compiledPath(folder, file) {
  return resolve(folder, file.replace(/\.m?ts$|\.mjs$/, '.mjs'));
}

/** Names under which a package is imported, each with its file in TypeScript. */
function exportsOf(folder) {
  const { name, exports } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
  const files = typeof exports === 'string' ? { '.': exports } : exports;
  return Object.entries(files)
    .filter(([, file]) => file.endsWith('.ts'))
    .map(([path, file]) => [join(name, path), join(folder, file)]);
}
