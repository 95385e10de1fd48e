import { expect, test } from '@jest/globals';
import { colorsOf, isInteractive } from './colors.ts';
import type { Terminal } from './progress.ts';

const stream = (isTTY: boolean) => ({ isTTY }) as Terminal;

test.each([
  ['a terminal', true, {}, '\x1b[1mx\x1b[22m'],
  ['a file', false, {}, 'x'],
  ['a file of a CI log', false, { CI: 'true' }, 'x'],
  ['a dumb terminal', true, { TERM: 'dumb' }, 'x'],
  ['a terminal of someone without colours', true, { NO_COLOR: '1' }, 'x'],
  ['a terminal with an empty NO_COLOR', true, { NO_COLOR: '' }, '\x1b[1mx\x1b[22m'],
])('%s', (_, isTTY, env, bold) => {
  expect(colorsOf(stream(isTTY), env).bold('x')).toBe(bold);
});

test('a line can be redrawn on a terminal that is not dumb', () => {
  expect(isInteractive(stream(true), { TERM: 'xterm', NO_COLOR: '1' })).toBe(true);
  expect(isInteractive(stream(true), { TERM: 'dumb' })).toBe(false);
  expect(isInteractive(stream(false), {})).toBe(false);
});
