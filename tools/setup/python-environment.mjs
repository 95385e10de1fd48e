import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { exclusively } from '../../packages/core/process/lock.mjs';
import { run, SetupError } from './process.mjs';
import { findPython } from './requirements.mjs';

/** True once the environment in this folder is installed. */
export function installed(environment) {
  return existsSync(join(environment, 'complete'));
}

/**
 * Makes a Python environment in a per-user cache and installs packages in it. Does nothing if it is there; an interrupted
 * installation is done again; of two processes one waits for the other.
 *
 * @param {object} options
 * @param {string} options.environment its folder, `.../VERSION`
 * @param {string} options.name what is installed, with its version, for display
 * @param {string} options.size how much is downloaded, for display
 * @param {(pip: (...parameters: string[]) => Promise<void>) => Promise<void>} options.packages installs with `pip install`
 * @param {string} [options.advice] what else can be wrong where it cannot be installed
 * @param {(line: string) => void} [options.log]
 * @returns {Promise<string>} the folder (`bin/python`)
 */
export async function installEnvironment({ environment, name, size, packages, advice = '', log = () => {} }) {
  if (installed(environment)) return environment;
  const work = async () => {
    if (installed(environment)) return environment;
    const python = findPython('venv', 'ensurepip');
    if (!python) throw new SetupError(`${name} needs Python 3.10 or newer; no python3 of that age is on the PATH.`);
    log(`${name}: installing with pip into ${environment} (about ${size}, once per user)`);
    await removeAttempts(environment);
    // A Python environment cannot be moved once made, so each attempt is made where it stays, and the link comes last.
    // A name of its own, because the pip of a killed attempt may still be writing.
    const attempt = `${environment}-${process.pid}-${Date.now()}`;
    await mkdir(dirname(environment), { recursive: true });
    const env = pythonEnvironment();
    await run(python, ['-m', 'venv', attempt], { advice: venvAdvice, env });
    await packages((...more) =>
      run(
        join(attempt, 'bin', 'python'),
        ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--progress-bar', 'off', ...more],
        { advice: pipAdvice(name, advice), onLine: pipProgress(name, log), env },
      ),
    );
    await writeFile(join(attempt, 'complete'), `${basename(environment)}\n`);
    await symlink(basename(attempt), environment);
    log(`${name}: installed`);
    return environment;
  };
  const onWait = () => log(`${name}: another process is installing it; waiting`);
  return exclusively(`${environment}.lock`, work, { onWait });
}

/** Clears away what interrupted installations left, as far as nothing writes to it any more. */
async function removeAttempts(environment) {
  const [folder, version] = [dirname(environment), basename(environment)];
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((name) => name === version || name.startsWith(`${version}-`))) {
    await rm(join(folder, name), { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
  }
}

/** A PYTHONPATH or an active environment of the user's own must not leak in. */
function pythonEnvironment() {
  return { ...process.env, PYTHONPATH: undefined, PYTHONHOME: undefined, PYTHONUNBUFFERED: '1' };
}

/** Shows the packages as pip reaches them, at most one line per second. */
function pipProgress(name, log) {
  let shown = 0;
  let count = 0;
  return (line) => {
    const [, collected] = /^Collecting ([\w.-]+)/.exec(line) ?? [];
    const installing = line.startsWith('Installing collected packages');
    if (collected) count++;
    if (installing) log(`${name}: writing ${line.split(',').length} packages (the longest step)`);
    else if (collected && Date.now() - shown >= 1000) {
      shown = Date.now();
      log(`${name}: package ${count}, ${collected}`);
    }
  };
}

const venvAdvice = 'Python could not make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv';
const pipAdvice = (name, more) =>
  `pip could not install ${name}. Is the Python package index reachable from here? ${more}`.trimEnd();
