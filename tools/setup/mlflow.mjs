import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installed, installEnvironment } from './python-environment.mjs';

/** 3.18.0 must not be used: the mlflow-skinny that it needs was never published. */
export const MLFLOW_VERSION = '3.17.2';

const CONSTRAINTS = fileURLToPath(new URL('mlflow-constraints.txt', import.meta.url));

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
 * (`bin/mlflow`, `bin/python`). Does nothing if it is there; an interrupted installation is done again.
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
    packages: async (pip) => {
      try {
        await pip('--constraint', CONSTRAINTS, `mlflow==${MLFLOW_VERSION}`);
      } catch {
        log(`${name}: the tested versions do not install here; letting pip choose others`);
        await pip('--prefer-binary', `mlflow==${MLFLOW_VERSION}`);
      }
    },
  });
}
