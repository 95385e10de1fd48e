import { expect, test } from '@jest/globals';
import { count } from './count.ts';

test.each([
  [0, '0'],
  [640, '640'],
  [999, '999'],
  [1000, '1.00 k'],
  [9990, '9.99 k'],
  [10_000, '10.0 k'],
  [12_800, '12.8 k'],
  [100_000, '0.10 M'],
  [450_000, '0.45 M'],
  [10_000_000, '10.0 M'],
  [28_440_000, '28.4 M'],
  [100_000_000, '100 M'],
  [123_456_789, '123 M'],
])('%d is %s', (value, text) => {
  expect(count(value)).toBe(text);
});
