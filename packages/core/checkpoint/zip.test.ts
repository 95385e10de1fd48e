import { describe, expect, test } from '@jest/globals';
import { strToU8, zipSync } from 'fflate';
import { memoryBytes, readRange } from '../files/bytes.ts';
import { unzip } from './zip.ts';

const FILES = { 'a.txt': strToU8('abc'.repeat(100)), 'folder/b': new Uint8Array(0), 'c.bin': Uint8Array.of(1, 2, 3) };

/** All members, each read as a whole. */
function contents(archive: Uint8Array): Record<string, number[]> {
  const members = unzip(memoryBytes(archive));
  return Object.fromEntries([...members].map(([name, bytes]) => [name, [...readRange(bytes, 0, bytes.size)]]));
}

function outcome(archive: Uint8Array): Record<string, number[]> | 'error' {
  try {
    return contents(archive);
  } catch {
    return 'error';
  }
}

const expected = Object.fromEntries(Object.entries(FILES).map(([name, bytes]) => [name, [...bytes]]));

const names = Object.keys(FILES).join();
const isEqual = (found: object) => JSON.stringify(found) === JSON.stringify(expected);

describe('an archive', () => {
  test.each([0, 6] as const)('gives its members back, packed at level %s', (level) => {
    expect(contents(zipSync(FILES, { level }))).toEqual(expected);
  });

  test.each([0, 6] as const)('gives all of its content or an error, whatever byte is damaged (level %s)', (level) => {
    const archive = zipSync(FILES, { level });
    const outcomes = Array.from(archive, (_, position) => {
      const damaged = Uint8Array.from(archive);
      damaged[position]! ^= 0x10;
      return outcome(damaged);
    });
    const wrong = outcomes.filter((it) => it !== 'error' && Object.keys(it).join() === names && !isEqual(it));
    expect(wrong).toEqual([]);
    expect(outcomes.filter((it) => it === 'error').length).toBeGreaterThan(archive.length / 4);
  });

  test.each([0, 6] as const)('with another checksum is an error (level %s)', (level) => {
    const archive = zipSync(FILES, { level });
    const entry = Buffer.from(archive).indexOf('PK\x01\x02', 0, 'latin1');
    archive[entry + 16]! ^= 1;
    expect(() => contents(archive)).toThrow(/"a.txt" has a wrong checksum/);
  });

  test('is read in part, and checked as a whole before', () => {
    const archive = zipSync(FILES, { level: 0 });
    const part = (bytes: Uint8Array) => [...readRange(unzip(memoryBytes(bytes)).get('a.txt')!, 4, 6)];
    expect(part(archive)).toEqual([...strToU8('bc')]);
    archive[Buffer.from(archive).indexOf('abcabc') + 100]! ^= 1;
    expect(() => part(archive)).toThrow(/wrong checksum/);
  });

  test('that is cut off is an error', () => {
    const archive = zipSync(FILES);
    for (let length = 0; length < archive.length; length++) {
      expect(() => contents(archive.subarray(0, length))).toThrow();
    }
  });
});
