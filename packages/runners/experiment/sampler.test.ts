import { expect, test } from '@jest/globals';
import { defaultWorkers } from './sampler.ts';

test.each([
  [1, 0],
  [2, 1],
  [3, 1],
  [4, 2],
  [16, 14],
  [128, 16],
])('of %i cores, %i make samples', (cores, workers) => {
  expect(defaultWorkers(cores)).toBe(workers);
});
