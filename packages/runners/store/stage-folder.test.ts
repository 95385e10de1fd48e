import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { beforeEach, expect, test } from '@jest/globals';
import { UserError, type LockOwner } from '@dualprior/core';
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

test.each([
  ['a part of one', '{"comp'],
  ['null', 'null'],
  ['a list', '[]'],
  ['another kind of value', '{"complete": 1, "result": "last", "seconds": 0, "usedAs": []}'],
])('says that its record is damaged (%s), and what to do', (_, text) => {
  writeFileSync(join(folder.path, 'stage.json'), text);
  expect(() => folder.record).toThrow(UserError);
  expect(() => folder.record).toThrow(/stage\.json is damaged: .*\. Remove that file: .* is trained again/);
});

test('any bit of its record that changes is noticed, or changes nothing', () => {
  folder.update({ complete: true, result: 'best', seconds: 12.5, iterations: 40, best: { iteration: 30, by: 'psnr' } });
  const file = join(folder.path, 'stage.json');
  const [record, bytes] = [folder.record, readFileSync(file)];
  const changed = Array.from({ length: bytes.length * 8 }, (_, bit) => {
    const damaged = Buffer.from(bytes);
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    writeFileSync(file, damaged);
    return found();
  });
  expect(changed.filter((each) => each !== undefined && !isDeepStrictEqual(each, record))).toEqual([]);

  function found(): object | undefined {
    try {
      return folder.record;
    } catch {
      return undefined;
    }
  }
});

test('records of older versions, which have no checksum, are read', () => {
  writeFileSync(
    join(folder.path, 'stage.json'),
    '{"complete": true, "result": "best", "seconds": 3.5, "usedAs": ["a/b"]}',
  );
  expect(folder.record).toEqual({ complete: true, result: 'best', seconds: 3.5, usedAs: ['a/b'] });
});
