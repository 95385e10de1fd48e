import { expect, test } from '@jest/globals';
import { topological } from './topological.ts';

test('each name comes after what it depends on, else in the given order', () => {
  const dependencies: Record<string, string[]> = {
    fuse: ['invert', 'restore'],
    invert: ['restore'],
    restore: [],
    other: [],
  };
  expect(topological(['fuse', 'other', 'restore', 'invert'], (name) => dependencies[name]!)).toEqual([
    'restore',
    'invert',
    'fuse',
    'other',
  ]);
});
