import { expect, test } from '@jest/globals';
import { fnv1a32, formulaValues } from './formula.ts';

test('seeds and values are those of the published samples', () => {
  expect(fnv1a32('intro.weight')).toBe(0x65abd1e1);
  expect(fnv1a32('input:nafnet_a')).toBe(0xdbc33fab);
  const values = formulaValues('intro.weight', 18);
  expect(values[0]).toBe(0.44001173973083496);
  expect(values[17]).toBe(-0.86604046821594238);
  expect(formulaValues('lin4.model.1.weight', 512)[511]).toBe(0.49390387535095215);
});
