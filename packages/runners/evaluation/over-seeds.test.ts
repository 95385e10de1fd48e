import { expect, test } from '@jest/globals';
import type { Column } from '@dualprior/blocks';
import { overSeeds, showValue } from './over-seeds.ts';

test('mean and deviation of a sample over seeds, as tables show them', () => {
  const column: Column = { name: 'psnr', better: 'higher', digits: 2 };
  const three = overSeeds([1, 2, 6]);
  // ((1 - 3)^2 + (2 - 3)^2 + (6 - 3)^2) / 2 = 7
  expect(three).toEqual({ mean: 3, deviation: Math.sqrt(7) });
  expect(showValue(three, column)).toBe('3.00 ± 2.65');
  const one = overSeeds([4.5]);
  expect(one).toEqual({ mean: 4.5, deviation: undefined });
  expect(showValue(one, column)).toBe('4.50');
  expect(showValue(undefined, column)).toBe('–');
});
