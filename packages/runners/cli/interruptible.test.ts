import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Console } from '../console/console.ts';
import { interruptible } from './interruptible.ts';

let now: number;
let told: string[];
let exits: unknown[];
let signal: AbortSignal;
const listeners: Record<string, () => void> = {};
const interrupt = () => listeners['SIGINT']!();

beforeEach(() => {
  [now, told, exits] = [5000, [], []];
  jest.spyOn(performance, 'now').mockImplementation(() => now);
  jest.spyOn(process, 'exit').mockImplementation(((code: unknown) => exits.push(code)) as never);
  jest.spyOn(process, 'on').mockImplementation(((event: string, listener: () => void) => {
    listeners[event] = listener;
    return process;
  }) as never);
  signal = interruptible({ info: (line: string) => told.push(line) } as unknown as Console);
});

afterEach(() => {
  jest.restoreAllMocks();
});

test('one Ctrl-C that arrives three times is one', () => {
  expect(signal.aborted).toBe(false);
  for (let i = 0; i < 3; i++) interrupt();
  expect({ aborted: signal.aborted, told: told.length, exits }).toEqual({ aborted: true, told: 1, exits: [] });
});

test('the second Ctrl-C ends the process at once', () => {
  interrupt();
  now += 2000;
  interrupt();
  expect(exits).toEqual([130]);
});

test.each(['SIGTERM', 'SIGHUP', 'disconnect'])('%s saves as Ctrl-C does', (event) => {
  listeners[event]!();
  expect({ aborted: signal.aborted, exits }).toEqual({ aborted: true, exits: [] });
});

test('the end of the process that started this one does not cut the saving short', () => {
  interrupt();
  now += 2000;
  listeners['disconnect']!();
  expect(exits).toEqual([]);
});
