import { expect, test } from '@jest/globals';
import { finiteMean, infiniteColumn } from './finite-mean.ts';

test.each([
  [[1, 3], { mean: 2, infinite: 0 }],
  [[1, Infinity, 6, Infinity], { mean: 3.5, infinite: 2 }],
  [[Infinity, Infinity], { mean: Infinity, infinite: 2 }],
  [[-Infinity, 4], { mean: 4, infinite: 1 }],
])('of %j', (values, expected) => {
  expect(finiteMean(values)).toEqual(expected);
});

test('the count has a column of its own', () => {
  expect(infiniteColumn('psnr')).toBe('psnr_infinite');
});
