import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { ROOT } from '../../../../tools/setup/places.mjs';

const LEFT_OUT = ['.git', '.yarn', 'coverage', 'data', 'node_modules', 'runs'];
const OURS = '@dualprior';

/** Jest's configuration in the copy, as JavaScript: Stryker reads no other. */
export const JEST_CONFIG = 'jest.config.mjs';

/**
 * A copy of the repository that may be mutated. Its packages import each other, where links of Stryker's own copies would lead them back to
 * the originals; all others are links.
 */
export function copyRepository(): string {
  const copy = mkdtempSync(join(tmpdir(), 'mutants-'));
  chmodSync(copy, 0o711); // tests that give up root's rights reach their own folders in it
  for (const name of readdirSync(ROOT).filter((each) => !LEFT_OUT.includes(each))) {
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  }
  const config = join(copy, 'jest.config.ts');
  const { code } = transformSync(readFileSync(config, 'utf8'), { loader: 'ts', format: 'esm' });
  rmSync(config);
  writeFileSync(join(copy, JEST_CONFIG), code);
  const from = join(ROOT, 'node_modules');
  const to = join(copy, 'node_modules');
  mkdirSync(join(to, OURS), { recursive: true });
  for (const name of readdirSync(join(from, OURS))) {
    symlinkSync(join('..', '..', 'packages', name), join(to, OURS, name));
  }
  for (const name of readdirSync(from).filter((each) => each !== OURS && !each.startsWith('.'))) {
    symlinkSync(join(from, name), join(to, name));
  }
  return copy;
}
