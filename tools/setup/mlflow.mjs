import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installed, installEnvironment } from './python-environment.mjs';

/** 3.18.0 must not be used: the mlflow-skinny that it needs was never published. */
export const MLFLOW_VERSION = '3.17.2';

const REQUIREMENTS = fileURLToPath(new URL('mlflow-requirements.txt', import.meta.url));

/** The Python environment that holds MLflow in a per-user cache. */
export function mlflowEnvironment(cache) {
  return join(cache, 'mlflow', MLFLOW_VERSION);
}

/** True once MLflow is installed in this cache. */
export function mlflowInstalled(cache) {
  return installed(mlflowEnvironment(cache));
}

/**
 * Installs MLflow in a Python environment of its own in the per-user cache and returns the environment's folder
 * (`bin/mlflow`, `bin/python`). Does nothing if it is there; an interrupted installation is done again. Nothing is installed but the packages
 * that were tested, as their hashes tell.
 *
 * @param {{cache: string, log?: (line: string) => void}} options
 * @returns {Promise<string>}
 */
export function installMlflow({ cache, log = () => {} }) {
  const name = `MLflow ${MLFLOW_VERSION}`;
  return installEnvironment({
    environment: mlflowEnvironment(cache),
    name,
    size: '850 MB',
    log,
    advice: 'It is tested with Python 3.10 to 3.14.',
    packages: (pip) => pip('--require-hashes', '--only-binary=:all:', '--requirement', REQUIREMENTS),
  });
}
