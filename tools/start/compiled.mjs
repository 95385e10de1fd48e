import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ROOT } from '../setup/places.mjs';
import { JOINED, PACKAGES } from './sources.mjs';

/** What decides, beside the sources, what is compiled from them. */
const MAKERS = [
  'package.json',
  'tsconfig.json',
  ...PACKAGES.map((name) => `${name}/package.json`),
  ...['compile', 'sources'].map((name) => `tools/start/${name}.mjs`),
  ...['esbuild', '@tensorflow/tfjs-core', ...JOINED].map((name) => `node_modules/${name}/package.json`),
];
/** A folder in use is touched every hour; one that was not for so long, in ms, is in use no more. */
const UNUSED = 48 * 3_600_000;

/** The compiled modules of a checkout: `node_modules/.cache`, a folder for each state of the sources. */
export function compiledHome(root = ROOT) {
  return join(root, 'node_modules', '.cache', 'dualprior', hash(root).slice(0, 12));
}

/**
 * The folder of the modules compiled from the sources as they are now. Their contents are compared at each start, so an edit is never missed; what is
 * compiled already is taken, else it is compiled. Undefined where that folder cannot be written.
 * Errors: those of esbuild.
 */
export async function compiled(root = ROOT) {
  const home = compiledHome(root);
  const before = known(home);
  if (before && stateOf(root, before.files) === before.state) return join(home, before.state);
  const { compile } = await import('./compile.mjs');
  const { outputFiles, read } = await compile(root, join(home, 'folder'));
  const files = [...MAKERS, ...read.keys()].sort();
  const state = stateOf(root, files, read);
  try {
    write(home, state, outputFiles);
    replace(join(home, 'latest.json'), JSON.stringify({ state, files }));
  } catch {
    return undefined; // no place to write: a read-only checkout, a full disk
  }
  removeUnused(home, state);
  return join(home, state);
}

/** Says that a folder is in use. */
export function touch(folder) {
  const now = new Date();
  try {
    utimesSync(folder, now, now);
  } catch {
    // It is another user's.
  }
}

/** What was compiled last, where it is still there. */
function known(home) {
  try {
    const latest = JSON.parse(readFileSync(join(home, 'latest.json'), 'utf8'));
    return statSync(join(home, latest.state)).isDirectory() ? latest : undefined;
  } catch {
    return undefined;
  }
}

/** The hash of files with their names; undefined where one is not there. @param read text of files that were read already */
function stateOf(root, files, read) {
  const sum = createHash('sha256').update(root);
  try {
    for (const file of files) sum.update(`\0${file}\0`).update(read?.get(file) ?? readFileSync(join(root, file)));
  } catch {
    return undefined;
  }
  return sum.digest('hex').slice(0, 16);
}

/** All files or none: another process may write the same, or be ended meanwhile. */
function write(home, state, outputFiles) {
  const draft = join(home, `.${state}.${process.pid}`);
  for (const { path, contents } of outputFiles) {
    const file = join(draft, relative(join(home, 'folder'), path));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, contents);
  }
  try {
    renameSync(draft, join(home, state));
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!['ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error;
  }
}

function replace(file, text) {
  writeFileSync(`${file}.${process.pid}`, text);
  renameSync(`${file}.${process.pid}`, file);
}

function removeUnused(home, state) {
  for (const name of readdirSync(home)) {
    const folder = join(home, name);
    const isOld = Date.now() - statSync(folder, { throwIfNoEntry: false })?.mtimeMs > UNUSED;
    if (isOld && name !== state && name !== 'latest.json') rmSync(folder, { recursive: true, force: true });
  }
}

function hash(text) {
  return createHash('sha256').update(text).digest('hex');
}
