import { expect, test } from '@jest/globals';
import { duration } from './duration.ts';

test.each([
  [0.4, '0 s'],
  [41, '41 s'],
  [59.6, '1 min 00 s'],
  [200, '3 min 20 s'],
  [7500, '2 h 05 min'],
  [431_999, '119 h 59 min'],
  [432_000, '5 days 00 h'],
  [786_000, '9 days 02 h'],
  [Infinity, 'unknown'],
])('%p seconds are %p', (seconds, text) => expect(duration(seconds)).toBe(text));
