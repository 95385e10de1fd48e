import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT } from './setup/places.mjs';

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
