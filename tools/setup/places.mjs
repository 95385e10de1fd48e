import { fileURLToPath } from 'node:url';

/** Root of the checkout. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Why nothing runs in this checkout, or undefined. */
export function placeProblem(root = ROOT) {
  if (!root.includes('?')) return undefined;
  return `The checkout lies in ${root}. Programs in TypeScript cannot be run below a folder whose name has a "?": rename it, or move the checkout.`;
}
