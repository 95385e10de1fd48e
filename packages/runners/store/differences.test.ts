import { expect, test } from '@jest/globals';
import { differences } from './differences.ts';

test('says where two configurations differ', () => {
  const there = { seed: 0, stages: { restore: { iterations: 100, batch: { size: 8 } } }, list: [1, 2] };
  const here = { seed: 0, stages: { restore: { iterations: 200, batch: { size: 8 }, ema: 1 } }, list: [1, 2] };
  expect(differences(there, here)).toEqual([
    'stages.restore.iterations: 100 there, 200 here',
    'stages.restore.ema: nothing there, 1 here',
  ]);
  expect(differences(there, there)).toEqual([]);
});
