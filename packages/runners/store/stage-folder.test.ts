import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { beforeEach, expect, test } from '@jest/globals';
import { Store } from './store.ts';
import type { StageFolder } from './stage-folder.ts';

let folder: StageFolder;

beforeEach(() => {
  folder = new Store(mkdtempSync(join(tmpdir(), 'store-'))).open('abc');
});

test('remembers under which names it was used', () => {
  folder.usedAs('a/restore');
  folder.usedAs('b/restore');
  folder.usedAs('a/restore');
  expect(folder.record).toMatchObject({ complete: false, usedAs: ['a/restore', 'b/restore'] });
});

test('is locked while it is trained, also when training fails', async () => {
  await folder.exclusively(async () => {
    writeFileSync(join(folder.path, 'lock'), '1');
    await expect(folder.exclusively(async () => undefined)).rejects.toThrow('Process 1 is training this stage already');
  });
  await expect(folder.exclusively(() => Promise.reject(new Error('boom')))).rejects.toThrow('boom');
  expect(await folder.exclusively(async () => 'free')).toBe('free');
});

test('takes over the lock of a process that was killed', async () => {
  const { pid } = spawnSync('true');
  writeFileSync(join(folder.path, 'lock'), String(pid));
  expect(await folder.exclusively(async () => 'taken over')).toBe('taken over');
});

test('says that its record is damaged, and what to do', () => {
  writeFileSync(join(folder.path, 'stage.json'), '{"comp');
  expect(() => folder.record).toThrow(/stage\.json is damaged: .* is trained again/);
});
