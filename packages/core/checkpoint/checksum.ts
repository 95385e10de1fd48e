import { crc32 } from 'node:zlib';

/** Bytes at a time; Node takes fewer than 2^31. */
const MOST_AT_ONCE = 2 ** 26;

/**
 * CRC-32 of bytes of any length, by Node.
 * @param before that of the bytes before these
 */
export function checksum(bytes: Uint8Array, before = 0): number {
  let value = before;
  for (let from = 0; from < bytes.length; from += MOST_AT_ONCE) {
    value = crc32(bytes.subarray(from, from + MOST_AT_ONCE), value);
  }
  return value;
}
