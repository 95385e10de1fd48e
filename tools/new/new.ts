import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { spelled } from '../../packages/core/process/command-line.ts';
import { writeSchema } from '../experiment-schema.ts';
import { ROOT } from '../setup/places.mjs';
import { newComponent, NEW_KINDS } from './new-component.ts';

// `yarn new KIND NAME`: a component and its test, which pass at once.

const [kind, name, ...others] = process.argv.slice(2);
if (
  kind === undefined ||
  name === undefined ||
  others.length > 0 ||
  [kind, name].some((word) => word.startsWith('-'))
) {
  process.stderr.write(
    `Usage: ${spelled(`new ${NEW_KINDS.join('|')} NAME`)}, e.g. \`${spelled('new loss huber')}\`.\n`,
  );
  process.exit(process.argv.slice(2).some((word) => ['--help', '-h'].includes(word)) ? 0 : 2);
}
try {
  const files = newComponent(ROOT, kind, name);
  const written = [...files, 'packages/runners/defaults.json'];
  const prettier = join(ROOT, 'node_modules', 'prettier', 'bin', 'prettier.cjs');
  spawnSync(process.execPath, [prettier, '--write', '--log-level', 'warn', ...written], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  writeSchema();
  process.stdout.write(
    `Written: ${files.join(', ')}; also its defaults in packages/runners/defaults.json.\n` +
      `Its options: \`${spelled(`components ${name}`)}\`. Its test: \`npm test -- ${files[1]}\`.\n` +
      `After you change its options, run \`${spelled('index')}\`, and change its defaults in that file.\n` +
      'What else it needs, such as reference values: docs/extending.md.\n',
  );
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(2);
}
