import { expect, test } from '@jest/globals';
import { bytesOf } from './bytes.ts';

test.each([
  ['4G', 4_294_967_296],
  ['1.5 GB', 1_610_612_736],
  ['800MiB', 838_860_800],
  ['64k', 65_536],
])('%s', (text, bytes) => {
  expect(bytesOf(text, '--memory')).toBe(bytes);
});

test.each(['4', 'G', '-1G', '0G', '4 G B', '1e3M'])('%s is refused', (text) => {
  expect(() => bytesOf(text, '--memory')).toThrow(`--memory is "${text}", but must be a size with its unit`);
});
