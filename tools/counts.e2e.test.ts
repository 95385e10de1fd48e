import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { countResults, type JestReport } from './counts.mjs';

const JEST = resolve(import.meta.dirname, '../node_modules/.bin/jest');

/** What Jest reports of these test files. */
function jestReport(files: Record<string, string>): JestReport {
  const folder = mkdtempSync(join(tmpdir(), 'counts-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const report = join(folder, 'report.json');
  const options = ['--rootDir', folder, '--config', '{}', '--ci', '--json', `--outputFile=${report}`];
  spawnSync(JEST, options, { cwd: folder, env: { ...process.env, NODE_OPTIONS: '' } });
  return JSON.parse(readFileSync(report, 'utf8')) as JestReport;
}

test('the last line counts tests that passed, failed, were skipped, and files that did not load', () => {
  const report = jestReport({
    'a.test.js': `
      test('passes', () => {});
      test('passes too', () => {});
      test('fails', () => { throw new Error(); });
      test.skip('skipped', () => {});
      describe.skip('a group', () => { test('one', () => {}); test('two', () => {}); });
      test.todo('to do');`,
    'b.test.js': `throw new Error('does not load');`,
  });
  expect(countResults(report, [true, false, true])).toEqual({
    passed: 4,
    failed: 3,
    line: '4 passed, 3 failed, 4 skipped',
  });
});

test('no report is a failure', () => {
  expect(countResults(undefined, [true]).line).toBe('1 passed, 1 failed, 0 skipped');
});
