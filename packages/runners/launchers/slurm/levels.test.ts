import { expect, test } from '@jest/globals';
import { levelsOf } from './levels.ts';

const task = (id: string, ...needs: string[]) => ({ id, label: id, needs, parameters: [], leaves: '' });
const ids = (tasks: Parameters<typeof levelsOf>[0]) => levelsOf(tasks).map((level) => level.map(({ id }) => id));

test('a task is one level behind the last that it needs; needs that are no task are done', () => {
  const tasks = [
    task('table', 'fuse', 'b'),
    task('b'),
    task('fuse', 'invert', 'b'),
    task('invert', 'prior', 'done'),
    task('prior'),
  ];
  expect(ids(tasks)).toEqual([['b', 'prior'], ['invert'], ['fuse'], ['table']]);
  expect(ids([])).toEqual([]);
});

test('no array has more than a thousand jobs', () => {
  const tasks = Array.from({ length: 2500 }, (_, i) => task(String(i)));
  expect(ids([...tasks, task('last', '7')]).map(({ length }) => length)).toEqual([1000, 1000, 500, 1]);
});
