import { expect, test } from '@jest/globals';
import { makespan } from './schedule.ts';

const task = (id: string, seconds: number, ...needs: string[]) => ({ id, seconds, needs });

/** A prior of 4 s, two stages of 3 s on it, one of 2 s alone. */
const TASKS = [task('prior', 4), task('a', 3, 'prior'), task('b', 3, 'prior'), task('alone', 2)];

test.each([
  [1, 12], // all of it
  [2, 4 + 3], // prior | alone, then a | b
  [3, 4 + 3],
  [Infinity, 4 + 3], // the longest path
])('by %d processes it takes %d s', (processes, seconds) => {
  expect(makespan(TASKS, processes)).toBe(seconds);
});

test('two processes that wait for the third of three equal tasks', () => {
  expect(makespan([task('a', 5), task('b', 5), task('c', 5)], 2)).toBe(10);
});

test('what waits for no task is a mistake', () => {
  expect(() => makespan([task('a', 1, 'b')], 2)).toThrow('wait for what is no task');
});
