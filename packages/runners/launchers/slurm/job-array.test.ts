import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { JobArray, lastJobs } from './job-array.ts';

const task = (id: string) => ({ id, label: id, needs: [], parameters: [], leaves: '' });
const submission = (written: number, ...ids: string[]) => ({ written, cwd: '/', asked: {}, tasks: ids.map(task) });

test('the last job of a task counts, whatever its array is called', () => {
  const root = mkdtempSync(join(tmpdir(), 'jobs-'));
  expect(JobArray.all(join(root, 'nowhere'))).toEqual([]);
  JobArray.write(root, 'b', submission(1, 'x', 'y'));
  const again = JobArray.write(root, 'a', submission(2, 'y'));
  expect([again.job, again.end(0)]).toEqual([undefined, undefined]);
  again.job = '12';
  again.writeEnd(0, { document: { runDir: '/r' } });
  const jobs = lastJobs(JobArray.all(root));
  expect([...jobs].map(([id, { array, index }]) => [id, array.name, index, array.job])).toEqual([
    ['x', 'b', 0, undefined],
    ['y', 'a', 0, '12'],
  ]);
  expect(jobs.get('y')!.array.end(0)).toEqual({ document: { runDir: '/r' } });
});

test('a file that was changed is an error that names it', () => {
  const root = mkdtempSync(join(tmpdir(), 'jobs-'));
  const file = join(JobArray.write(root, 'a', submission(1, 'x')).folder, 'array.json');
  const text = readFileSync(file, 'utf8');
  for (const other of [text.replace('"x"', '"z"'), text.slice(0, 40), '{}', '']) {
    writeFileSync(file, other);
    expect(() => JobArray.all(root)).toThrow(`${file} is damaged`);
  }
});

test('an array that was read before is not read again', () => {
  const root = mkdtempSync(join(tmpdir(), 'jobs-'));
  const file = join(JobArray.write(root, 'a', submission(1, 'x')).folder, 'array.json');
  const known = new Map<string, JobArray>();
  const [first] = JobArray.all(root, known);
  writeFileSync(file, '');
  JobArray.write(root, 'b', submission(2, 'y'));
  const again = JobArray.all(root, known);
  expect(again.map(({ name }) => name)).toEqual(['a', 'b']);
  expect(again[0]).toBe(first);
});
