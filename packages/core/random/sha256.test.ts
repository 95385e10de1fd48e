import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sha256 } from './sha256.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const byNode = (text: string) => createHash('sha256').update(text).digest('hex');

test('of the messages of FIPS 180-4 and its examples', () => {
  expect(hex(sha256('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(hex(sha256(''))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(hex(sha256('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'))).toBe(
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  );
});

test('as Node hashes, around the ends of blocks', () => {
  const texts = Array.from({ length: 200 }, (_, length) => 'x'.repeat(length));
  expect(texts.map((text) => hex(sha256(text)))).toEqual(texts.map(byNode));
});

test('as Node hashes, whatever the text', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => hex(sha256(text)) === byNode(text)));
});
