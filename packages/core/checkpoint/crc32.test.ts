import { crc32 as byZlib } from 'node:zlib';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { crc32 } from './crc32.ts';

test('is the check value of the catalogue of CRCs', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
});

test('is that of zlib, of bytes at once or one piece after the other', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (first, second) => {
      const whole = Uint8Array.of(...first, ...second);
      expect([crc32(whole), crc32(second, crc32(first))]).toEqual([byZlib(whole), byZlib(whole)]);
    }),
  );
});
