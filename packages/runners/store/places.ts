import { fileURLToPath } from 'node:url';

/** `runs/` of the checkout: run directories and the store of trained stages. */
export function runsFolder(): string {
  return fileURLToPath(new URL('../../../runs', import.meta.url));
}

/** `experiments/` of the checkout: the shipped experiment files. */
export function experimentsFolder(): string {
  return fileURLToPath(new URL('../../../experiments', import.meta.url));
}
