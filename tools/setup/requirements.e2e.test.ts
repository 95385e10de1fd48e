import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { checkRequirements, findPython } from './requirements.mjs';

const path = process.env['PATH'];
let programs: string;

beforeEach(() => {
  programs = mkdtempSync(join(tmpdir(), 'programs-'));
  process.env['PATH'] = programs;
});

afterEach(() => {
  process.env['PATH'] = path;
});

/** Puts a program in place of a real one. */
function put(name: string, script: string): void {
  writeFileSync(join(programs, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(programs, name), 0o755);
}

test('all that a machine lacks is named at once', () => {
  expect(checkRequirements).toThrow(/Python 3.10.*pip.*venv\n.*g\+\+[^]*apt-get install .*python3-venv g\+\+$/);
});

test('a complete machine passes', () => {
  put('g++', 'exit 0');
  put('python3', 'exit 0');
  expect(checkRequirements).not.toThrow();
});

test.each([
  ['import pip', 'python3-pip'],
  ['import ensurepip', 'python3-venv'],
])('a Python that cannot `%s` wants %s', (statement, wanted) => {
  put('g++', 'exit 0');
  put('python3', `[ "$2" != "${statement}" ]`);
  expect(checkRequirements).toThrow(new RegExp(`apt-get install ${wanted}$`));
});

test('an old Python counts for nothing, one with the wanted modules comes first', () => {
  put('python3', 'case "$2" in *version_info*) exit 1;; esac');
  expect(findPython('pip')).toBeUndefined();
  put('python3.12', 'case "$2" in "import pip") exit 1;; esac');
  expect(findPython('pip')).toBe('python3.12');
  put('python3.10', 'exit 0');
  expect(findPython('pip')).toBe('python3.10');
});
