import { expect, test } from '@jest/globals';
import { inOrder } from './in-order.ts';
import type { Task } from './launcher.ts';

const task = (id: string, ...needs: string[]): Task => ({ id, label: id, needs, parameters: [], leaves: '' });
const turn = () => new Promise<void>((done) => setImmediate(done));

/** Does tasks with `act`, and notes when each began and ended. */
function watched(fails: readonly string[] = []) {
  const log: string[] = [];
  let [running, most] = [0, 0];
  const act = async (each: Task, slot: number) => {
    log.push(`${each.id} in ${slot}`);
    most = Math.max(most, ++running);
    await turn();
    running--;
    log.push(`${each.id} ended`);
    return { task: each, problem: fails.includes(each.id) ? 'broken' : undefined, document: each.id };
  };
  return { log, act, most: () => most };
}

test('a task begins after those that it needs, at most so many at a time, and slots are used again', async () => {
  const { log, act, most } = watched();
  const ends = await inOrder([task('c', 'a', 'b'), task('a'), task('b'), task('d', 'c'), task('e')], 2, act);
  expect(ends.map(({ document }) => document)).toEqual(['c', 'a', 'b', 'd', 'e']);
  expect(most()).toBe(2);
  const at = (line: string) => log.findIndex((each) => each.startsWith(line));
  expect(at('c in')).toBeGreaterThan(Math.max(at('a ended'), at('b ended')));
  expect(at('d in')).toBeGreaterThan(at('c ended'));
  expect(new Set(log.filter((line) => line.includes(' in ')).map((line) => line.slice(-1)))).toEqual(
    new Set(['0', '1']),
  );
});

test('one that fails stops those that need it, however far, and no others', async () => {
  const { log, act } = watched(['a']);
  const ends = await inOrder([task('a'), task('b', 'a'), task('c', 'b'), task('d')], 1, act);
  expect(ends.map(({ problem }) => problem)).toEqual([
    'broken',
    'not begun: a failed',
    'not begun: b failed',
    undefined,
  ]);
  expect(log.some((line) => line.startsWith('b') || line.startsWith('c'))).toBe(false);
});

test('an error ends it all', async () => {
  const act = () => Promise.reject(new Error('interrupted'));
  await expect(inOrder([task('a'), task('b')], 1, act)).rejects.toThrow('interrupted');
});

test('a task that waits for what is no task is an error, not a hang', async () => {
  const { act } = watched();
  await expect(inOrder([task('a', 'nowhere')], 1, act)).rejects.toThrow('wait for what is no task: a');
});
