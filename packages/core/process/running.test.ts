import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { running } from './running.mjs';

const start = performance.timeOrigin;

test('a process that was there at the moment', () => {
  expect(running(process.pid, Date.now())).toBe(true);
  expect(running(process.pid, start + 1000)).toBe(true);
});

test('a process that took over the number since', () => {
  expect(running(process.pid, start - 10_000)).toBe(false);
});

test.each([0, -1, NaN, 1.5, 4_194_999])('no process has the number %s', (pid) => {
  expect(running(pid, Date.now())).toBe(false);
});

test('a process that ended counts for nothing, even while its parent has not looked', async () => {
  const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60']);
  const pid = await new Promise<number>((done) => parent.stdout.once('data', (text) => done(Number(text))));
  const state = () => /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
  while (state() !== 'Z') spawnSync('sleep', ['0.02']);
  expect(running(pid, Date.now())).toBe(false);
  parent.kill('SIGKILL');
});
