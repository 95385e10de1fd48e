import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import type { LockOwner } from '@dualprior/core';
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

test('is waited for while another trains it, also when that training fails', async () => {
  const { signal } = new AbortController();
  const owners: LockOwner[] = [];
  const first = folder.exclusively(
    async () => {
      await new Promise((done) => setTimeout(done, 50));
      throw new Error('boom');
    },
    () => {},
    signal,
  );
  const second = folder.exclusively(
    async () => 'done',
    (owner) => owners.push(owner),
    signal,
  );
  await expect(first).rejects.toThrow('boom');
  expect(await second).toBe('done');
  expect(owners).toMatchObject([{ pid: process.pid }]);
});

test('says that its record is damaged, and what to do', () => {
  writeFileSync(join(folder.path, 'stage.json'), '{"comp');
  expect(() => folder.record).toThrow(/stage\.json is damaged: .* is trained again/);
});
