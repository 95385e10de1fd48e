import { expect, test } from '@jest/globals';
import { Budget } from './budget.ts';

const REFUSED = 'its objects would take far more memory than a file of its size needs';

// 96 MiB, and 24 times the size of the pickle, but 2 GiB at most.
test.each([
  [0, 96 * 2 ** 20],
  [10, 96 * 2 ** 20 + 240],
  [2 ** 40, 2 ** 31],
])('the objects of a pickle of %d bytes may take %d', (size, most) => {
  const budget = new Budget(size);
  budget.spend(most - 1);
  budget.spend(1);
  expect(() => budget.spend(1)).toThrow(REFUSED);
});

test('what is no number of bytes is refused', () => {
  expect(() => new Budget(0).spend(NaN)).toThrow(REFUSED);
});
