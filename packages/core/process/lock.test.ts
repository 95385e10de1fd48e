import { mkdtempSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { takeLock } from './lock.ts';

let file: string;

beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'lock-')), 'lock');
});

test('is held until it is released', () => {
  const lock = takeLock(file) as { release: () => void };
  expect(takeLock(file)).toEqual({ owner: process.pid });
  lock.release();
  expect(takeLock(file)).toHaveProperty('release');
});

test.each([
  ['a process that began after the lock was written', String(process.pid)],
  ['something that is no process', 'x'],
])('is taken over from %s', (_, owner) => {
  writeFileSync(file, owner);
  utimesSync(file, new Date(0), new Date(0));
  expect(takeLock(file)).toHaveProperty('release');
});
