import { expect, test } from '@jest/globals';
import { pauseAfter } from './pauses.ts';

test('each pause is twice the one before, up to 30 s', () => {
  const middle = () => 0.5;
  expect([1, 2, 3, 4, 5, 6, 7, 1000].map((failures) => pauseAfter(failures, 1, middle))).toEqual([
    1, 2, 4, 8, 16, 30, 30, 30,
  ]);
  expect([1, 2, 3].map((failures) => pauseAfter(failures, 0.25, middle))).toEqual([0.25, 0.5, 1]);
});

test('it is a quarter less or more by chance', () => {
  expect(pauseAfter(3, 1, () => 0)).toBe(3);
  expect(pauseAfter(3, 1, () => 1)).toBe(5);
});
