import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism, constants } from 'node:os';
import { join } from 'node:path';
import { ROOT, placeProblem } from './setup/places.mjs';

// Runs the command `packages/runners/cli/NAME.ts`: the scripts of package.json call it.

const [name, ...parameters] = process.argv.slice(2);
const start = join(ROOT, 'tools', 'start', 'start.mjs');

if (placeProblem()) {
  process.stderr.write(`${placeProblem()}\n`);
  process.exit(2);
}
// Yarn writes this file last.
if (!existsSync(join(ROOT, 'node_modules', '.yarn-state.yml'))) {
  process.stderr.write(
    'The packages are not installed yet. Run `npm run setup` first; if it is running, wait for it to end.\n',
  );
  process.exit(1);
}

// Images are decoded in Node's thread pool, which has four threads unless this variable is set before it starts.
const threads = String(Math.max(4, availableParallelism()));

const child = spawn(process.execPath, [start, join(ROOT, 'packages', 'runners', 'cli', `${name}.ts`), ...parameters], {
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  env: { UV_THREADPOOL_SIZE: threads, ...process.env },
});

// The channel closes when we are killed, and the child then saves its state and ends; so it does when a launcher that started us is killed.
child.channel.unref();
process.channel?.unref();
process.on('disconnect', () => child.connected && child.disconnect());

// A signal may be sent to us alone, or to us and the child (Ctrl-C on a terminal): the child takes repeats as one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
