import { describe, expect, test } from '@jest/globals';
import { strToU8, zipSync } from 'fflate';
import { unzip } from './zip.ts';

const FILES = { 'a.txt': strToU8('abc'.repeat(100)), 'folder/b': new Uint8Array(0), 'c.bin': Uint8Array.of(1, 2, 3) };

describe('an archive', () => {
  test.each([0, 6] as const)('gives its members back, packed at level %s', (level) => {
    const members = unzip(zipSync(FILES, { level }));
    expect([...members.keys()]).toEqual(Object.keys(FILES));
    for (const [name, bytes] of Object.entries(FILES)) expect(Buffer.from(members.get(name)!).equals(bytes)).toBe(true);
  });

  test('that is damaged anywhere never gives other bytes', () => {
    const archive = zipSync(FILES, { level: 6 });
    const original = unzip(archive);
    let errors = 0;
    for (let position = 0; position < archive.length; position++) {
      const damaged = Uint8Array.from(archive);
      damaged[position]! ^= 0x10;
      try {
        for (const [name, bytes] of unzip(damaged)) {
          if (original.has(name)) expect(Buffer.from(bytes).equals(original.get(name)!)).toBe(true);
        }
      } catch {
        errors++;
      }
    }
    expect(errors).toBeGreaterThan(archive.length / 4);
  });

  test('that is cut off is an error', () => {
    const archive = zipSync(FILES);
    for (let length = 0; length < archive.length; length++) expect(() => unzip(archive.subarray(0, length))).toThrow();
  });
});
