import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../setup/places.mjs';
import { compiled, touch } from './compiled.mjs';
import { compiledPath, DOORS, WORKER } from './sources.mjs';

// `node tools/start/start.mjs FILE ARGUMENTS`: runs a program of this checkout from compiled modules, and any other by the TypeScript loader.

const HOUR = 3_600_000;

process.argv.splice(1, 1);
const program = resolve(process.argv[1]);
const folder = await compiledOrExit();
const module = folder && compiledPath(folder, relative(ROOT, program));

if (module !== undefined && existsSync(module)) {
  touch(folder);
  setInterval(() => touch(folder), HOUR).unref();
  const doors = Object.entries(DOORS).map(([name, file]) => [name, pathToFileURL(compiledPath(folder, file)).href]);
  globalThis.dualpriorCompiled = { doors: Object.fromEntries(doors), worker: compiledPath(folder, WORKER) };
  process.setSourceMapsEnabled(true);
  await import(pathToFileURL(module).href);
} else {
  await import('tsx');
  await import(pathToFileURL(program).href);
}

/** A mistake in the grammar of a source ends the process with its place. */
async function compiledOrExit() {
  try {
    return await compiled();
  } catch (error) {
    if (!error.errors) throw error;
    const { formatMessages } = await import('esbuild');
    process.stderr.write((await formatMessages(error.errors, { kind: 'error' })).join(''));
    process.exit(1);
  }
}
