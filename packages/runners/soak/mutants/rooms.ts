import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '@dualprior/core';
import { ROOT } from '../../../../tools/setup/places.mjs';
import type { FAMILIES } from '../../goldens/families.ts';

/** The rooms whose figures `docs/soak.md` lists. */
export const ROOMS = [
  ...['core/random', 'core/checkpoint', 'core/config'],
  ...['blocks/kernels', 'blocks/data', 'blocks/losses', 'blocks/metrics', 'blocks/features', 'blocks/networks'],
  ...['runners/stages', 'runners/evaluation', 'runners/report/claims'],
];

/** The product files of a folder below `packages`, as paths below the repository. Errors: there is no such folder, or it has no product files. */
export function productFiles(room: string): string[] {
  const folder = join(ROOT, 'packages', room);
  if (!/^[\w-]+(\/[\w-]+)+$/.test(room) || !existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new UserError(`There is no folder packages/${room}. Name one as in \`yarn soak mutants ${ROOMS[0]}\`.`);
  }
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/\.(test|generated|d)\.ts$|(^|\/)testing\//.test(name))
    .sort();
  if (files.length === 0) throw new UserError(`packages/${room} has no TypeScript of the product.`);
  return files.map((name) => `packages/${room}/${name}`);
}

/**
 * Tests of other rooms that hold a folder's options as they are listed, its reference values, and what its networks are recognised by; its
 * own that train, which take minutes, come last.
 */
const OPTIONS = 'packages/runners/{defaults,schema}.test.ts';
const reference = (...kinds: readonly (keyof typeof FAMILIES)[]) =>
  kinds.map((kind) => `packages/runners/goldens/${kind}.reference.test.ts`);
const REFERENCES: Readonly<Record<string, readonly string[]>> = {
  'core/checkpoint': ['packages/core/checkpoint/large-safetensors.e2e.test.ts'],
  'core/config': ['packages/runners/schema.test.ts'],
  'blocks/losses': ['packages/blocks/faces/*.test.ts', OPTIONS, ...reference('losses', 'features')],
  'blocks/metrics': [OPTIONS, ...reference('metrics', 'features')],
  'blocks/features': ['packages/blocks/losses/*.test.ts', OPTIONS, ...reference('features', 'evaluation')],
  'blocks/networks': [
    'packages/runners/networks/weights/{recognise,infer-types}.test.ts',
    OPTIONS,
    ...reference('networks'),
  ],
  'blocks/data': [OPTIONS, 'packages/blocks/data/{files/unreadable,sampler/worker-sampler}.e2e.test.ts'],
  'blocks/kernels': [OPTIONS],
  'runners/evaluation': reference('evaluation'),
  'runners/stages': [
    OPTIONS,
    'packages/runners/oracles/oracles.reference.test.ts',
    'packages/runners/stages/**/*.training.test.ts',
  ],
};

/**
 * The test files that a folder's mutants are tried against, in turn: its own unit tests, where most die; then those with its reference values.
 * Tests that start processes are left out: which code these run cannot be seen.
 */
export function testsOf(room: string): string[] {
  return [`packages/${room}/**/+([^.]).test.ts`, ...(REFERENCES[room] ?? [])];
}
