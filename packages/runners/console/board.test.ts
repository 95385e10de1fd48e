import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Console } from './console.ts';
import { Screen } from './testing/screen.ts';

let now = 0;
beforeEach(() => {
  jest.useFakeTimers();
  jest.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

test('a terminal shows a line per piece of work, below what is printed, and nothing of those that have ended', () => {
  const screen = new Screen(true);
  const console = new Console(screen);
  const board = console.board();
  console.info('begins');
  board.set('stage a', 'training 1/9');
  board.set('stage b', 'training 5/9');
  jest.advanceTimersByTime(300);
  expect(screen.lines).toEqual(['begins', '  [stage a] training 1/9', '  [stage b] training 5/9', '']);
  board.set('stage a', 'training 2/9');
  console.warn('stage b failed');
  board.remove('stage b');
  board.set('stage c', 'x'.repeat(100));
  jest.advanceTimersByTime(300);
  expect(screen.lines[0]).toBe('begins');
  expect(screen.lines[1]).toContain('stage b failed');
  expect(screen.lines.slice(2)).toEqual(['  [stage a] training 2/9', `  [stage c] ${'x'.repeat(67)}`, '']);
  board.stop();
  console.info('end');
  expect(screen.lines.slice(2)).toEqual(['end', '']);
});

test('more pieces of work than a terminal has lines are counted', () => {
  const screen = new Screen(true);
  const board = new Console(screen).board();
  for (let i = 0; i < 40; i++) board.set(`stage ${i}`, 'training');
  jest.advanceTimersByTime(300);
  expect(screen.lines).toHaveLength(23);
  expect(screen.lines.at(-2)).toBe('  ... 19 more');
  board.stop();
});

test('a file gets a line of each after half a minute, then ever more seldom', () => {
  const screen = new Screen(false);
  const board = new Console(screen).board();
  const at: number[] = [];
  for (now = 0; now < 20 * 60_000; now += 10_000) {
    const { length } = screen.lines;
    board.set('stage a', `training ${now}`);
    if (screen.lines.length > length) at.push(now / 1000);
  }
  expect(at).toEqual([30, 90, 210, 450, 750, 1050]);
  expect(screen.lines[0]).toBe('  [stage a] training 30000');
});
