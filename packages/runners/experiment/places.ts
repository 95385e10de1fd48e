import { fileURLToPath } from 'node:url';

/** `runs/` of the checkout: run directories and the store of trained stages. */
export function runsFolder(): string {
  return fileURLToPath(new URL('../../../runs', import.meta.url));
}
