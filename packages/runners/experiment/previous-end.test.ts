import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { noteStart, thisSystem } from './previous-end.ts';

let file: string;

beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'run-')), 'started');
});

test('this system says how many processes it has killed', () => {
  expect(thisSystem()).toEqual({ boot: expect.stringMatching(/^[0-9a-f-]{36}$/), killed: expect.any(Number) });
});

test.each([
  ['was killed for want of memory', { boot: 'a', killed: 4 }, true],
  ['was killed for another reason', { boot: 'a', killed: 3 }, false],
  ['was killed before the machine was started again', { boot: 'b', killed: 4 }, false],
])('the run before %s', (_, system, warned) => {
  noteStart(file, { boot: 'a', killed: 3 });
  expect(noteStart(file, system).warning !== undefined).toBe(warned);
});

test('a run that has ended leaves nothing to warn of; a damaged note is none', () => {
  noteStart(file, { boot: 'a', killed: 3 }).ended();
  expect(existsSync(file)).toBe(false);
  expect(noteStart(file, { boot: 'a', killed: 9 }).warning).toBeUndefined();
  writeFileSync(file, '{');
  expect(noteStart(file, { boot: 'a', killed: 9 }).warning).toBeUndefined();
});
