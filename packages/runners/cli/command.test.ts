import { resolve } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { UserError, Interrupted } from '@dualprior/core';
import { fromUser, runCommand } from './command.ts';

let written: { out: string; err: string };

beforeEach(() => {
  written = { out: '', err: '' };
  const into = (key: 'out' | 'err') => (text: unknown, done?: unknown) => {
    written[key] += String(text);
    if (typeof done === 'function') done();
    return true;
  };
  jest.spyOn(process.stdout, 'write').mockImplementation(into('out') as never);
  jest.spyOn(process.stderr, 'write').mockImplementation(into('err') as never);
  jest.spyOn(process, 'exit').mockImplementation((() => undefined) as never);
});

afterEach(() => {
  jest.restoreAllMocks();
  process.exitCode = 0;
});

const failing = (error: unknown) => async () => {
  throw error;
};

test.each([
  ['done', async () => 'value', 0],
  ['a mistake of the user', failing(new UserError('no such file')), 2],
  ['interrupted', failing(new Interrupted()), 130],
  ['a bug', failing(new Error('bug')), 1],
])('%s', async (_, main, code) => {
  await runCommand(main, []);
  expect(process.exitCode).toBe(code);
});

test('a mistake of the user has no stack trace, a bug has one', async () => {
  await runCommand(failing(new UserError('no such file')), []);
  expect(written).toEqual({ out: '', err: 'no such file\n' });
  await runCommand(failing(new Error('bug')), []);
  expect(written.err).toContain('command.test.ts');
});

test.each([
  ['a mistake of the user', new UserError('no such file'), 'no such file'],
  ['interrupted', new Interrupted(), 'The same command continues'],
  ['a bug', new Error('bug'), 'bug'],
])('--json gives %s as one document', async (_, error, message) => {
  await runCommand(failing(error), ['--json']);
  const problem = { file: null, line: null, column: null, found: null, allowed: null };
  expect(JSON.parse(written.out)).toEqual({ errors: [{ ...problem, message: expect.stringContaining(message) }] });
});

test.each([
  ['ENOSPC', undefined, 'A file cannot be written or read: the disk is full'],
  ['EROFS', '/store/stage.json', '/store/stage.json cannot be written or read: the file system is read-only'],
])('%s is said without a stack trace', async (code, path, message) => {
  await runCommand(failing(Object.assign(new Error(`${code}: write`), { code, path })), []);
  expect(process.exitCode).toBe(2);
  expect(written.err).toContain(message);
  expect(written.err).not.toMatch(/\n\s+at /);
});

test('paths are relative to the working directory', () => {
  expect(fromUser('/a/b')).toBe('/a/b');
  expect(fromUser('x.yaml')).toBe(resolve(process.env['INIT_CWD'] ?? process.cwd(), 'x.yaml'));
});
