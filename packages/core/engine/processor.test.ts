import { expect, test } from '@jest/globals';
import { lacksAvx, processorFlags } from './processor.mjs';

test('a processor is refused only where it is known to lack AVX', () => {
  expect(lacksAvx('fpu sse4_2 avx avx2')).toBe(false);
  expect(lacksAvx('fpu sse4_2 avx512f')).toBe(true);
  expect(lacksAvx(processorFlags('/no/such/file'))).toBe(false);
  expect(lacksAvx()).toBe(false);
});
