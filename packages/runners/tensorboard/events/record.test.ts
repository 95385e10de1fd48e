import { expect, test } from '@jest/globals';
import { crc32c } from './record.ts';
import { bytes, integer, text } from './wire.ts';

test.each([
  ['32 zeros', Buffer.alloc(32), 0x8a9136aa],
  ['32 bytes of ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
  ['0 to 31', Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e],
  ['31 to 0', Buffer.from(Array.from({ length: 32 }, (_, i) => 31 - i)), 0x113fdb5c],
])('crc32c of %s is that of RFC 3720, appendix B.4', (_, data, crc) => {
  expect(crc32c(data)).toBe(crc);
});

test.each([
  ['150 in field 1', integer(1, 150), '089601'],
  ['-2 as int64 in field 1', integer(1, -2), '08feffffffffffffffff01'],
  ['a text in field 2', text(2, 'testing'), '120774657374696e67'],
  ['bytes in field 16', bytes(16, Buffer.from([7])), '82010107'],
])('%s is written as in the documentation of protocol buffers', (_, written, hex) => {
  expect(written.toString('hex')).toBe(hex);
});
