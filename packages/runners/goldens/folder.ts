import { UserError } from '@dualprior/core';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listPickles, NVLABS } from './pickle-golden.ts';

const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url));

/** The reference values of this repository: small networks, losses and metrics, made by `reference/python`. */
export const REFERENCE = join(import.meta.dirname, 'reference');

/** Where reference values of the official code are looked for: `$DUALPRIOR_SHARED/goldens`, by default `../shared/goldens` beside the checkout. */
export function sharedGoldenFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(resolve(CHECKOUT, environment.DUALPRIOR_SHARED || '../shared'), 'goldens');
}

/** Those of the official code where there are any, else those of this repository. */
export function defaultGoldenFolder(): string {
  const shared = sharedGoldenFolder();
  return existsSync(shared) ? shared : REFERENCE;
}

/** Names of all cases of a folder, sorted. Errors: `UserError` if there is no such folder, or no case in it. */
export function listCases(folder: string): string[] {
  if (!existsSync(folder)) throw new UserError(`There is no folder ${folder}.`);
  const pickles = listPickles(folder);
  const files = readdirSync(folder).filter((file) => !file.endsWith('.reference.npz'));
  const names = new Set([...files.flatMap((file) => /^(.+)\.(json|npz)$/.exec(file)?.[1] ?? []), ...pickles]);
  if (names.size === 0) {
    throw new UserError(
      `${folder} holds no reference values (NAME.json and NAME.npz, or NAME.pkl and NAME.reference.npz).`,
    );
  }
  return [...names].sort();
}

/** The cases that are meant: those named, `nvlabs` being all pickles; by default all. Errors: as `listCases`. */
export function chosenCases(folder: string, names: readonly string[]): string[] {
  const all = listCases(folder);
  if (names.length === 0) return all;
  const pickles = listPickles(folder);
  return names.flatMap((name) => (name === NVLABS && pickles.length > 0 ? pickles : [name]));
}
