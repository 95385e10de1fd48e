import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { standing } from '@dualprior/core';

/** Root of the checkout that this program is of. */
const CHECKOUT = realpathSync(fileURLToPath(new URL('../../..', import.meta.url)));

/** `runs/` of the checkout. */
export function runsFolder(): string {
  return join(CHECKOUT, 'runs');
}

/**
 * Where the runs of an experiment go, with the store of their stages: `runs/` of the checkout for a file of the checkout; for any other the
 * folder that the environment variable `DUALPRIOR_HOME` names, else `runs/` beside the file. A run directory's own `experiment.yaml` belongs to the
 * folder that the directory is in. Symbolic links are followed.
 */
export function runsFolderOf(file: string, env: NodeJS.ProcessEnv = process.env): string {
  const folder = dirname(real(file));
  return isRunDirectory(folder) && !isInCheckout(folder) ? dirname(folder) : runsFolderIn(folder, env);
}

/** Where the runs of experiments in the user's current folder go. */
export function runsFolderHere(env: NodeJS.ProcessEnv = process.env): string {
  return runsFolderIn(real(standing(env)), env);
}

/** Whether a folder is the directory of a run. */
export function isRunDirectory(folder: string): boolean {
  return existsSync(join(folder, 'experiment.yaml')) && existsSync(join(folder, 'hash'));
}

/** The store of trained stages in a folder of runs. */
export function storeIn(runs: string): string {
  return join(runs, 'store');
}

/** `experiments/` of the checkout: the shipped experiment files. */
export function experimentsFolder(): string {
  return join(CHECKOUT, 'experiments');
}

function runsFolderIn(folder: string, env: NodeJS.ProcessEnv): string {
  if (isInCheckout(folder)) return runsFolder();
  const { DUALPRIOR_HOME: home } = env;
  return home ? resolve(standing(env), home) : join(folder, 'runs');
}

function isInCheckout(folder: string): boolean {
  const path = relative(CHECKOUT, folder);
  return path !== '..' && !path.startsWith('../');
}

/** With symbolic links followed, where it is there. */
function real(path: string): string {
  return existsSync(path) ? realpathSync(path) : resolve(path);
}
