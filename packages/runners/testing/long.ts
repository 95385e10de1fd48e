import { test } from '@jest/globals';

/** A test that takes half a minute or more, of what others test in less: it runs where the environment has `DUALPRIOR_LONG_TESTS`. */
export const long = process.env['DUALPRIOR_LONG_TESTS'] ? test : test.skip;
