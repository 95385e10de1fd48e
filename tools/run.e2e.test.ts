import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, test } from '@jest/globals';
import { placeProblem, ROOT } from './setup/places.mjs';

/** Starts a program as if it were one of our commands, in a process group of its own. */
function start(program: string, ...parameters: string[]): ChildProcess {
  const file = join(mkdtempSync(join(tmpdir(), 'command-')), 'command.ts');
  writeFileSync(file, program);
  const name = relative(join(ROOT, 'packages', 'runners', 'cli'), file).replace(/\.ts$/, '');
  return spawn(process.execPath, [join(ROOT, 'tools', 'run.mjs'), name, ...parameters], { detached: true });
}

async function ended(command: ChildProcess): Promise<{ code: number | null; out: string }> {
  let out = '';
  command.stdout!.on('data', (text) => (out += String(text)));
  const code = await new Promise<number | null>((done) => command.on('close', done));
  return { code, out };
}

const SAVES = `
  process.on('SIGINT', () => setTimeout(() => { console.log('saved'); process.exit(130); }, 200));
  setInterval(() => {}, 1000);
  console.log('ready');
`;
const ready = (command: ChildProcess) => new Promise((done) => command.stdout!.once('data', done));

test('passes arguments on and ends with the code of the command', async () => {
  const command = start('console.log(process.argv.slice(2).join("|")); process.exitCode = 2;', 'a b', '--c=d');
  expect(await ended(command)).toEqual({ code: 2, out: 'a b|--c=d\n' });
});

test.each([
  ['it alone', (pid: number) => pid],
  ['it and all that it started', (pid: number) => -pid],
])('an interruption of %s lets the command save its state', async (_, target) => {
  const command = start(SAVES);
  await ready(command);
  const end = ended(command);
  process.kill(target(command.pid!), 'SIGINT');
  const { code, out } = await end;
  expect({ code, saved: out.includes('saved') }).toEqual({ code: 130, saved: true });
});

test('a command that was killed ends with 128 and the number of the signal', async () => {
  expect((await ended(start('process.kill(process.pid, "SIGKILL");'))).code).toBe(137);
});

test('a command whose starter was killed saves its state and ends', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'saved-')), 'saved');
  const command = start(
    `import { writeFileSync } from 'node:fs';
     import { newCommand, parse, runCommand } from '${join(ROOT, 'packages/runners/cli/command.ts')}';
     import { interruptible } from '${join(ROOT, 'packages/runners/cli/interruptible.ts')}';
     void parse(newCommand('test').argument('<file>').action((file) => runCommand(async () => {
       const signal = interruptible({ info() {} });
       console.log('ready');
       while (!signal.aborted) await new Promise((done) => setTimeout(done, 20));
       writeFileSync(file, 'saved');
     })));`,
    file,
  );
  await ready(command);
  command.kill('SIGKILL');
  while (!existsSync(file)) await new Promise((done) => setTimeout(done, 20));
}, 60_000);

test('a command whose output nobody reads any more continues', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'saved-')), 'saved');
  const command = start(
    `import { writeFileSync } from 'node:fs';
     import { newCommand, parse, runCommand } from '${join(ROOT, 'packages/runners/cli/command.ts')}';
     void parse(newCommand('test').argument('<file>').action((file) => runCommand(async () => {
       for (let i = 0; i < 20; i++) {
         console.log('line', i);
         console.error('line', i);
         await new Promise((done) => setTimeout(done, 20));
       }
       writeFileSync(file, 'done');
     })));`,
    file,
  );
  await ready(command);
  command.stdout!.destroy();
  command.stderr!.destroy();
  const code = await new Promise((done) => command.on('exit', done));
  expect({ code, done: existsSync(file) }).toEqual({ code: 0, done: true });
}, 60_000);

test('a checkout below a folder with a "?" is refused with the reason', () => {
  expect(placeProblem('/home/a?b/dualprior/')).toMatch(/lies in \/home\/a\?b\/dualprior\/\..*rename/);
  expect(placeProblem('/home/C#/100%25/dualprior/')).toBeUndefined();
});
