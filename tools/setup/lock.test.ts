import { existsSync, mkdtempSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { exclusively } from './lock.mjs';

let folder: string;
let lock: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  lock = join(folder, 'lock');
});

const UNUSED_PID = 4_194_999; // above Linux's largest
const write = (host: string, pid: number) => writeFileSync(lock, JSON.stringify({ host, pid }));
const minuteAgo = () => utimesSync(lock, Date.now() / 1000 - 60, Date.now() / 1000 - 60);

test('only one at a time, whatever becomes of it', async () => {
  let inside = 0;
  const work = async () => {
    expect(++inside).toBe(1);
    await new Promise((done) => setTimeout(done, 30));
    inside--;
    throw new Error('failed');
  };
  const outcomes = await Promise.allSettled([1, 2, 3].map(() => exclusively(lock, () => {}, work)));
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(existsSync(lock)).toBe(false);
});

test('a lock is waited for, and said so once', async () => {
  write(hostname(), process.pid);
  let told = 0;
  const waiting = exclusively(
    lock,
    () => told++,
    async () => 'done',
  );
  await new Promise((done) => setTimeout(done, 700));
  writeFileSync(lock, JSON.stringify({ host: hostname(), pid: UNUSED_PID }));
  expect(await waiting).toBe('done');
  expect(told).toBe(1);
});

test.each([
  ['a process that is gone', () => write(hostname(), UNUSED_PID)],
  ['a process whose number another one has by now', () => (write(hostname(), process.pid), minuteAgo())],
  ['another machine that was switched off', () => (write('elsewhere', process.pid), minuteAgo())],
  ['a process killed before it wrote its number', () => (writeFileSync(lock, ''), minuteAgo())],
])('the lock of %s is taken over', async (_, leave) => {
  leave();
  const waited = () => {
    throw new Error('waited');
  };
  expect(await exclusively(lock, waited, async () => readdirSync(folder))).toEqual(['lock']);
});
