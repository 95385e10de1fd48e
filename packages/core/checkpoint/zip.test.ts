import { crc32 } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { strToU8, zipSync } from 'fflate';
import { memoryBytes, readRange } from '../files/bytes.ts';
import { ZipWriter } from './zip-writer.ts';
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

  /** With bytes changed at positions from the beginning of the entry of the first member. */
  function withEntry(level: 0 | 6, change: (archive: Buffer, entry: number, local: number) => void): Buffer {
    const archive = Buffer.from(zipSync(FILES, { level }));
    const entry = archive.indexOf('PK\x01\x02', 0, 'latin1');
    change(archive, entry, archive.readUInt32LE(entry + 42));
    return archive;
  }

  test.each<[string, Buffer, string]>([
    ['is encrypted', withEntry(6, (archive, at) => (archive[at + 8]! |= 1)), 'its member "a.txt" is encrypted'],
    [
      'is packed with LZMA',
      withEntry(0, (archive, at) => archive.writeUInt16LE(14, at + 10)),
      'its member "a.txt" is packed with the unknown method 14',
    ],
    [
      'has another local header',
      withEntry(6, (archive, _, local) => (archive[local]! ^= 1)),
      'its member "a.txt" has a damaged header',
    ],
    [
      'has a longer local name',
      withEntry(0, (archive, _, local) => archive.writeUInt16LE(6, local + 26)),
      'its member "a.txt" is cut off',
    ],
    [
      'is shorter than it should be when it is unpacked',
      withEntry(6, (archive, at) => archive.writeUInt32LE(301, at + 24)),
      'its member "a.txt" has a wrong checksum',
    ],
    [
      'is stored but of two sizes',
      withEntry(0, (archive, at) => {
        archive.writeUInt32LE(299, at + 24);
        archive.writeUInt32LE(crc32(Buffer.from('abc'.repeat(100)).subarray(0, 299)), at + 16);
      }),
      'its member "a.txt" has a wrong checksum',
    ],
  ])('with a member that %s is an error', (_, archive, message) => {
    expect(() => contents(archive)).toThrow(message);
  });

  test('may have local headers with more in them than the directory says', () => {
    // NumPy and PyTorch pad there. The extra field of the first local header takes the place of a byte of its content.
    const archive = withEntry(0, (bytes, at, local) => {
      bytes.writeUInt16LE(1, local + 28);
      bytes.writeUInt32LE(299, at + 20);
      bytes.writeUInt32LE(299, at + 24);
      bytes.writeUInt32LE(crc32(Buffer.from('abc'.repeat(100)).subarray(1)), at + 16);
    });
    expect(contents(archive)['a.txt']).toEqual([...strToU8('abc'.repeat(100))].slice(1));
  });

  test('may have a comment, which may look like an end, but not one that is cut off', () => {
    const archive = Buffer.from(zipSync(FILES));
    const comment = Buffer.from(`PK\x05\x06${'x'.repeat(30)}`, 'latin1');
    archive.writeUInt16LE(comment.length, archive.length - 2);
    comment.writeUInt16LE(100, 20); // the length of its own comment
    expect(contents(Buffer.concat([archive, comment]))).toEqual(expected);
    expect(() => contents(Buffer.concat([archive, comment.subarray(1)]))).toThrow('it is no zip archive');
    expect(contents(Buffer.concat([archive, comment, Buffer.alloc(5)]))).toEqual(expected);
  });

  test('may begin behind something else only if its places count from there', () => {
    expect(() => contents(Buffer.concat([Buffer.from('before'), zipSync(FILES)]))).toThrow('its directory is damaged');
  });

  test('with a directory of more or fewer entries than it says is an error', () => {
    for (const [count, message] of [
      [2, 'its directory is of another length than its end record says'],
      [4, 'its directory is damaged'],
    ] as const) {
      const archive = Buffer.from(zipSync(FILES));
      archive.writeUInt16LE(count, archive.length - 12);
      expect(() => contents(archive)).toThrow(message);
    }
  });

  test('that is cut off is an error', () => {
    const archive = zipSync(FILES);
    for (let length = 0; length < archive.length; length++) {
      expect(() => contents(archive.subarray(0, length))).toThrow();
    }
  });
});

describe('an archive that is written', () => {
  /** A writer, how many bytes it has written, and as many bytes without content. */
  function writer() {
    const written = { size: 0 };
    const zip = new ZipWriter(({ length }) => (written.size += length));
    const hole = (length: number) => ({ length, subarray: () => new Uint8Array(0) }) as unknown as Uint8Array;
    return { zip, written, hole };
  }

  // APPNOTE.TXT 4.4.1.4: a size, place or count of which all bits are 1 stands for one in a ZIP64 record.
  test('may have 2^32 - 1 bytes, and no more', () => {
    const [most, more] = [writer(), writer()];
    // The content of the first member begins at 64; 46 bytes, its name and 22 bytes are behind it.
    const size = 2 ** 32 - 1 - 64 - 46 - 1 - 22;
    most.zip.add('a', most.hole(size));
    most.zip.end();
    expect(most.written.size).toBe(2 ** 32 - 1);
    more.zip.add('a', more.hole(size + 1));
    expect(() => more.zip.end()).toThrow('the archive would be larger than the format allows');
  });

  test('may have 65,534 members, and no more', () => {
    const { zip } = writer();
    for (let i = 0; i < 65_534; i++) zip.add('', new Uint8Array(0));
    expect(() => zip.end()).not.toThrow();
    zip.add('', new Uint8Array(0));
    expect(() => zip.end()).toThrow('the archive would be larger than the format allows');
  });
});
