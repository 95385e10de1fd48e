import { crc32 } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { parseSealedJson, sealedJson } from './sealed-json.ts';

describe('JSON with a checksum', () => {
  test('comes back, and has the CRC-32 of all others as eight digits', () => {
    for (const value of [{ a: 1, b: ['é'] }, {}]) {
      const text = sealedJson(value);
      expect(parseSealedJson(text)).toEqual({ value, isSealed: true });
      const seal = crc32(JSON.stringify(value)).toString(16).padStart(8, '0');
      expect(JSON.parse(text)).toEqual({ ...value, crc32: seal });
      expect(text.endsWith('}\n')).toBe(true);
    }
    // A value whose checksum begins with a zero.
    const small = Array.from({ length: 200 }, (_, i) => ({ i })).find(
      (value) => crc32(JSON.stringify(value)) < 2 ** 28,
    )!;
    expect(parseSealedJson(sealedJson(small))).toEqual({ value: small, isSealed: true });
    expect(sealedJson(small)).toMatch(/"crc32": "0[\da-f]{7}"/);
  });

  test('of an older version has none', () => {
    expect(parseSealedJson('{"a": 1}')).toEqual({ value: { a: 1 }, isSealed: false });
  });

  test('that has changed, or is no map, is an error', () => {
    expect(() => parseSealedJson(sealedJson({ a: 1 }).replace('1', '2'))).toThrow('its checksum is wrong');
    expect(() => parseSealedJson('{"a": 1, "crc32": null}')).toThrow('its checksum is wrong');
    for (const text of ['null', '7', '"a"', '[]']) expect(() => parseSealedJson(text)).toThrow(`all of it is ${text}`);
  });
});
