import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exclusively } from './lock.mjs';
import { run, SetupError } from './process.mjs';
import { findPython } from './requirements.mjs';

/** 3.18.0 must not be used: the mlflow-skinny that it needs was never published. */
export const MLFLOW_VERSION = '3.17.2';

const CONSTRAINTS = fileURLToPath(new URL('mlflow-constraints.txt', import.meta.url));

/** The Python environment that holds MLflow in a per-user cache. */
export function mlflowEnvironment(cache) {
  return join(cache, 'mlflow', MLFLOW_VERSION);
}

/** True once MLflow is installed in this cache. */
export function mlflowInstalled(cache) {
  return existsSync(join(mlflowEnvironment(cache), 'complete'));
}

/**
 * Installs MLflow in a Python environment of its own in the per-user cache and returns the environment's folder
 * (`bin/mlflow`, `bin/python`). Does nothing if it is there; an interrupted installation is done again.
 *
 * @param {{cache: string, log?: (line: string) => void}} options
 * @returns {Promise<string>}
 */
export async function installMlflow({ cache, log = () => {} }) {
  const environment = mlflowEnvironment(cache);
  if (mlflowInstalled(cache)) return environment;
  const wait = () => log(`MLflow ${MLFLOW_VERSION}: another process is installing it; waiting`);
  return exclusively(`${environment}.lock`, wait, async () => {
    if (mlflowInstalled(cache)) return environment;
    const python = findPython('venv', 'ensurepip');
    if (!python) throw new SetupError('MLflow needs Python 3.10 or newer; no python3 of that age is on the PATH.');
    log(`MLflow ${MLFLOW_VERSION}: installing with pip into ${environment} (about 850 MB, once per user)`);
    await removeAttempts(environment);
    // A Python environment cannot be moved once made, so each attempt is made where it stays, and the link comes last.
    // A name of its own, because the pip of a killed attempt may still be writing.
    const attempt = `${environment}-${process.pid}-${Date.now()}`;
    await mkdir(dirname(environment), { recursive: true });
    const env = pythonEnvironment();
    await run(python, ['-m', 'venv', attempt], { advice: venvAdvice, env });
    const pip = (...more) =>
      run(
        join(attempt, 'bin', 'python'),
        ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--progress-bar', 'off', ...more],
        { advice: pipAdvice, onLine: pipProgress(log), env },
      );
    try {
      await pip('--constraint', CONSTRAINTS, `mlflow==${MLFLOW_VERSION}`);
    } catch {
      log(`MLflow ${MLFLOW_VERSION}: the tested versions do not install here; letting pip choose others`);
      await pip('--prefer-binary', `mlflow==${MLFLOW_VERSION}`);
    }
    await writeFile(join(attempt, 'complete'), `${MLFLOW_VERSION}\n`);
    await symlink(basename(attempt), environment);
    log(`MLflow ${MLFLOW_VERSION}: installed`);
    return environment;
  });
}

/** Clears away what interrupted installations left, as far as nothing writes to it any more. */
async function removeAttempts(environment) {
  const folder = dirname(environment);
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((name) => name === MLFLOW_VERSION || name.startsWith(`${MLFLOW_VERSION}-`))) {
    await rm(join(folder, name), { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
  }
}

/** A PYTHONPATH or an active environment of the person's own must not leak in. */
function pythonEnvironment() {
  return { ...process.env, PYTHONPATH: undefined, PYTHONHOME: undefined, PYTHONUNBUFFERED: '1' };
}

/** Shows the packages as pip reaches them, at most one line a second. */
function pipProgress(log) {
  let shown = 0;
  let count = 0;
  return (line) => {
    const [, name] = /^Collecting ([\w.-]+)/.exec(line) ?? [];
    const installing = line.startsWith('Installing collected packages');
    if (name) count++;
    if (installing) log(`MLflow ${MLFLOW_VERSION}: writing ${count} packages (the longest step)`);
    else if (name && Date.now() - shown >= 1000) {
      shown = Date.now();
      log(`MLflow ${MLFLOW_VERSION}: package ${count}, ${name}`);
    }
  };
}

const venvAdvice = 'Python could not make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv';
const pipAdvice = 'pip could not install MLflow. Is the Python package index reachable from here?';
