import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { UserError } from '../errors/user-error.ts';
import { makeFolder } from './make-folder.ts';

const root = mkdtempSync(join(tmpdir(), 'folders-'));

test('makes a folder and those above it; once is enough', () => {
  const folder = join(root, 'a/b/c');
  makeFolder(folder);
  makeFolder(folder);
  expect(statSync(folder).isDirectory()).toBe(true);
});

test('a file in the way, or a place where nothing can be made, is a clear error at once', () => {
  writeFileSync(join(root, 'file'), '');
  expect(() => makeFolder(join(root, 'file'))).toThrow(/file cannot be made: there is a file of that name/);
  expect(() => makeFolder(join(root, 'file/below'))).toThrow(UserError);
  expect(() => makeFolder('/proc/nothing/below')).toThrow(UserError);
});
