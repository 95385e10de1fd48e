import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

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
  return exclusively(`${environment}.lock`, log, async () => {
    if (mlflowInstalled(cache)) return environment;
    const python = findPython();
    log(`MLflow ${MLFLOW_VERSION}: installing with pip into ${environment} (about 850 MB, once per user)`);
    // A Python environment cannot be moved once made, so it is made in place; the file `complete` comes last.
    await rm(environment, { recursive: true, force: true });
    await mkdir(dirname(environment), { recursive: true });
    await run(python, ['-m', 'venv', environment], log, venvAdvice);
    const pip = (...more) =>
      run(
        join(environment, 'bin', 'python'),
        ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--progress-bar', 'off', ...more],
        pipProgress(log),
        pipAdvice,
      );
    try {
      await pip('--constraint', CONSTRAINTS, `mlflow==${MLFLOW_VERSION}`);
    } catch {
      log(`MLflow ${MLFLOW_VERSION}: the tested versions do not install here; letting pip choose others`);
      await pip('--prefer-binary', `mlflow==${MLFLOW_VERSION}`);
    }
    await writeFile(join(environment, 'complete'), `${MLFLOW_VERSION}\n`);
    log(`MLflow ${MLFLOW_VERSION}: installed`);
    return environment;
  });
}

function findPython() {
  const check = 'import sys; sys.exit(0 if sys.version_info >= (3, 10) else 1)';
  const candidates = ['python3', 'python', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];
  const found = candidates.find((python) => spawnSync(python, ['-c', check], { stdio: 'ignore' }).status === 0);
  if (!found) throw new Error('MLflow needs Python 3.10 or newer; no python3 of that age is on the PATH.');
  return found;
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

/** Runs a program to its end; its last lines are part of the error if it fails. */
async function run(program, parameters, onLine, advice) {
  const child = spawn(program, parameters, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A PYTHONPATH or an active environment of the person's own must not leak in.
    env: { ...process.env, PYTHONPATH: undefined, PYTHONHOME: undefined, PYTHONUNBUFFERED: '1' },
  });
  const tail = [];
  const read = (stream) => {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) {
        tail.push(line);
        if (tail.length > 12) tail.shift();
        onLine(line);
      }
    });
  };
  read(child.stdout);
  read(child.stderr);
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`${advice}\n${tail.join('\n')}`);
}

/** Only one process at a time installs; a lock whose process is gone is taken over. */
async function exclusively(lock, log, work) {
  await mkdir(dirname(lock), { recursive: true });
  for (let told = false; ; await sleep(1000)) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = await ownerOf(lock);
    if (owner !== undefined && !alive(owner)) await rm(lock, { force: true });
    else if (!told) {
      log(`MLflow ${MLFLOW_VERSION}: another process is installing it; waiting`);
      told = true;
    }
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

/** The process that holds a lock; undefined while it has not written its number yet. */
async function ownerOf(lock) {
  try {
    const text = await readFile(lock, 'utf8');
    const fresh = Date.now() - (await stat(lock)).mtimeMs < 5000;
    return text === '' && fresh ? undefined : Number(text);
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function alive(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
