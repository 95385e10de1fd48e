import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './setup/places.mjs';

// Runs the command `packages/runners/cli/NAME.ts`: the scripts of package.json call it.

const [name, ...parameters] = process.argv.slice(2);
const loader = join(ROOT, 'node_modules', 'tsx', 'dist', 'loader.mjs');

if (!existsSync(loader)) {
  process.stderr.write('The packages are not installed yet. Run `npm run setup` first.\n');
  process.exit(1);
}

const child = spawn(
  process.execPath,
  ['--import', loader, join(ROOT, 'packages', 'runners', 'cli', `${name}.ts`), ...parameters],
  { stdio: 'inherit' },
);

// Ctrl-C reaches the child from the terminal; we only wait for it to save its state. Other signals are passed on.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
