import { UserError } from '@dualprior/core';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url));

/** Where reference numbers are looked for: `$DUALPRIOR_SHARED/goldens`, by default `../shared/goldens` beside the checkout. */
export function defaultGoldenFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(resolve(CHECKOUT, environment.DUALPRIOR_SHARED || '../shared'), 'goldens');
}

/** Names of all cases of a folder, sorted. Errors: `UserError` if there is no such folder, or no case in it. */
export function listCases(folder: string): string[] {
  if (!existsSync(folder))
    throw new UserError(`There is no folder ${folder}. Name one with --dir, or set DUALPRIOR_SHARED.`);
  const names = new Set(readdirSync(folder).flatMap((file) => /^(.+)\.(json|npz)$/.exec(file)?.[1] ?? []));
  if (names.size === 0) throw new UserError(`${folder} holds no reference numbers (NAME.json and NAME.npz).`);
  return [...names].sort();
}
