import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Console } from './console.ts';
import type { ProgressView } from './progress.ts';
import { Screen } from './testing/screen.ts';

let screen: Screen;
let console: Console;
let bar: ProgressView;

beforeEach(() => {
  screen = new Screen(true);
  console = new Console(screen);
  console.info('Stage restore');
  bar = console.progress('training', 200, 0, 'iterations');
});

afterEach(() => bar.stop());

test('lines printed while a bar is shown stand above it, and nothing of the bar stays behind', () => {
  bar.update(50, 'loss -21.52');
  console.info('one');
  console.info('two');
  bar.update(100, 'loss -22.00');
  bar.stop();
  console.info('three');
  const [stage, one, two, shown, three, end, ...rest] = screen.lines;
  expect([stage, one, two, three, end, rest]).toEqual(['Stage restore', 'one', 'two', 'three', '', []]);
  expect(shown).toMatch(/^ {2}training █{12}░{12} 100\/200 iterations · \d+ s left · loss -22\.00$/);
});

test('the same warning is shown once', () => {
  const file = new Screen(false);
  const own = new Console(file);
  for (const name of ['a.png', 'b.png', 'a.png']) own.warn(`${name} is skipped`);
  expect(file.lines).toEqual(['warning: a.png is skipped', 'warning: b.png is skipped', '']);
});

test('a bar never wraps: the time left comes before what may be cut off', () => {
  bar.update(1, '');
  bar.update(2, 'a note '.repeat(20));
  bar.stop();
  expect(screen.lines[1]).toHaveLength(79);
  expect(screen.lines[1]).toContain(' left · a note');
});

test('the first step, which may have to be traced, says nothing about the time left', () => {
  bar.update(1, '');
  bar.stop();
  expect(screen.lines[1]).toMatch(/^ {2}training ░{24} 1\/200 iterations$/);
});

test('without a terminal there are whole lines', () => {
  const file = new Screen(false);
  const progress = new Console(file).progress('NAFNet', 4, 0, 'images');
  progress.update(2, '');
  progress.update(4, 'done');
  progress.stop();
  expect(file.lines).toEqual(['  NAFNet 4/4 images · done', '']);
});
