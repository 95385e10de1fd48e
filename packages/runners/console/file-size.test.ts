import { expect, test } from '@jest/globals';
import { aligned } from './aligned.ts';
import { fileSize } from './file-size.ts';

test.each([
  [0, '0 B'],
  [812, '812 B'],
  [1000, '1.0 kB'],
  [14_200, '14 kB'],
  [2_340_000_000, '2.3 GB'],
  [5e15, '5000 TB'],
])('%d bytes', (bytes, text) => expect(fileSize(bytes)).toBe(text));

test('columns are as wide as their widest cell, and numbers end at the right', () => {
  expect(
    aligned(
      [
        ['name', 'size'],
        ['a', '12'],
        ['longer', '3'],
      ],
      [1],
    ),
  ).toEqual(['name    size', 'a         12', 'longer     3']);
});
