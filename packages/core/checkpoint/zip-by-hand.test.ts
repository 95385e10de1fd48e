import { crc32 } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { zipSync } from 'fflate';
import { memoryBytes, readRange, type Bytes } from '../files/bytes.ts';
import { u32, u64 } from './testing/pickles.ts';
import { unzip } from './zip.ts';

// Archives by APPNOTE.TXT 4.3, a character per byte.

const u16 = (value: number) => String.fromCharCode(value & 0xff, value >> 8);
const ALL_ONES = 0xffffffff;

const local = (name: string, content: string) =>
  `PK\x03\x04${u16(20)}${u16(0)}${u16(0)}${u32(0)}${u32(0)}${u32(0)}${u32(0)}${u16(name.length)}${u16(0)}${name}${content}`;

interface Fields {
  readonly packed?: number;
  readonly unpacked?: number;
  readonly offset?: number;
  readonly extra?: string;
  readonly comment?: string;
}

function entry(name: string, content: string, fields: Fields = {}): string {
  const { packed = content.length, unpacked = content.length, offset = 0, extra = '', comment = '' } = fields;
  const sum = u32(crc32(Buffer.from(content, 'latin1')));
  const lengths = `${u16(name.length)}${u16(extra.length)}${u16(comment.length)}`;
  const start = `PK\x01\x02${u16(20)}${u16(20)}${u16(0)}${u16(0)}${u32(0)}${sum}${u32(packed)}${u32(unpacked)}`;
  return `${start}${lengths}${u16(0)}${u16(0)}${u32(0)}${u32(offset)}${name}${extra}${comment}`;
}

const endRecord = (count: number, size: number, begin: number, comment = '') =>
  `PK\x05\x06${u16(0)}${u16(0)}${u16(count)}${u16(count)}${u32(size)}${u32(begin)}${u16(comment.length)}${comment}`;

function archive(members: readonly string[], entries: readonly string[], longer = 0): Buffer {
  const [data, directory] = [members.join(''), entries.join('')];
  const end = endRecord(entries.length, directory.length + longer, data.length);
  return Buffer.from(`${data}${directory}${end}`, 'latin1');
}

/** With an end record of ZIP64, and a comment. */
function archive64(member: string, directory: string, comment: string): Buffer {
  const end64 = `PK\x06\x06${u64(44)}${u16(45)}${u16(45)}${u32(0)}${u32(0)}${u64(1)}${u64(1)}${u64(directory.length)}${u64(member.length)}`;
  const locator = `PK\x06\x07${u32(0)}${u64(member.length + directory.length)}${u32(1)}`;
  const end = endRecord(0xffff, ALL_ONES, ALL_ONES, comment);
  return Buffer.from(`${member}${directory}${end64}${locator}${end}`, 'latin1');
}

const texts = (bytes: Uint8Array) =>
  [...unzip(memoryBytes(bytes))].map(([name, member]) => [
    name,
    Buffer.from(readRange(member, 0, member.size)).toString('latin1'),
  ]);

test('members lie in any order, and may have comments or no name', () => {
  const [first, second] = [local('', 'two'), local('a', 'one')];
  const entries = [entry('a', 'one', { offset: first.length, comment: 'note' }), entry('', 'two')];
  expect(texts(archive([first, second], entries))).toEqual([
    ['a', 'one'],
    ['', 'two'],
  ]);
});

test('a member that reaches into the next one by a byte is an error before any is read', () => {
  const first = local('', 'two');
  const entries = [entry('', 'two', { packed: 4 }), entry('a', 'one', { offset: first.length })];
  expect(() => unzip(memoryBytes(archive([first, local('a', 'one')], entries)))).toThrow(
    'its member "" lies over what comes after it',
  );
});

describe('a directory', () => {
  const member = local('a', 'one');

  test('that is cut off, or lies over its end, is an error', () => {
    const directory = entry('a', 'one', { comment: 'note' });
    const cut = archive([member], [directory.slice(0, -1)]);
    expect(() => unzip(memoryBytes(cut))).toThrow('its directory is cut off');
    expect(() => unzip(memoryBytes(archive([member], [directory], 1)))).toThrow('its directory is damaged');
  });

  test('may have 2^24 bytes, and no more', () => {
    const ofSize = (size: number): Bytes => {
      const end = Buffer.from(endRecord(1, size, 1), 'latin1');
      const begin = 1 + size;
      const fill = (target: Uint8Array, position: number) => target.set(end, Math.max(0, begin - position)); // zeros before it
      return { size: begin + end.length, fill: (target, at) => void (at + target.length > begin && fill(target, at)) };
    };
    expect(() => unzip(ofSize(2 ** 24))).toThrow('its directory is damaged');
    expect(() => unzip(ofSize(2 ** 24 + 1))).toThrow('its directory has 16777217 bytes');
  });

  test('has a ZIP64 record in front of the longest comment', () => {
    const whole = archive64(member, entry('a', 'one'), 'x'.repeat(0xffff));
    expect(texts(whole)).toEqual([['a', 'one']]);
    whole[whole.indexOf('PK\x06\x06', 0, 'latin1')]! ^= 1;
    expect(() => texts(whole)).toThrow('its end record is damaged');
  });
});

describe('a ZIP64 field', () => {
  const before = local('b', 'two');
  const time = `UT${u16(5)}12345`;
  const zip64 = (...values: number[]) => `${u16(1)}${u16(8 * values.length)}${values.map(u64).join('')}`;
  const withFields = (fields: Fields) =>
    archive([before, local('a', 'one')], [entry('b', 'two'), entry('a', 'one', fields)]);

  test.each<[string, Fields]>([
    ['only the place', { offset: ALL_ONES, extra: zip64(before.length) }],
    ['only the size', { unpacked: ALL_ONES, offset: before.length, extra: zip64(3) }],
    ['the sizes', { unpacked: ALL_ONES, packed: ALL_ONES, offset: before.length, extra: zip64(3, 3) }],
    [
      'all, between others',
      { unpacked: ALL_ONES, packed: ALL_ONES, offset: ALL_ONES, extra: `${time}${zip64(3, 3, before.length)}${time}` },
    ],
    ['none, as they fit', { offset: before.length, extra: zip64(7, 7, 7) }],
  ])('has %s', (_, fields) => {
    expect(texts(withFields(fields))).toEqual([
      ['b', 'two'],
      ['a', 'one'],
    ]);
  });

  test.each<[string, Fields]>([
    ['is empty', { offset: ALL_ONES, extra: zip64() }],
    ['lacks a value', { packed: ALL_ONES, offset: ALL_ONES, extra: `${zip64(3)}${time}${time}` }],
    ['is cut off', { packed: ALL_ONES, offset: ALL_ONES, extra: zip64(3, 3).slice(0, -8), comment: 'a comment' }],
  ])('that %s is an error', (_, fields) => {
    expect(() => unzip(memoryBytes(withFields(fields)))).toThrow('its directory is damaged');
  });
});

describe('reading a member', () => {
  /** The archive's members, and how many bytes of it were read since. */
  function counted(bytes: Uint8Array) {
    const inner = memoryBytes(bytes);
    const read = { bytes: 0 };
    const members = unzip({
      size: inner.size,
      fill(target, position) {
        read.bytes += target.length;
        inner.fill(target, position);
      },
    });
    const after = (begin: number, end: number) => {
      read.bytes = 0;
      const content = Buffer.from(readRange(members.get('a')!, begin, end)).toString('latin1');
      return [content, read.bytes];
    };
    return after;
  }

  test('takes each byte once where it is stored and read as a whole, after its local header of 30', () => {
    const read = counted(archive([local('a', 'abcde')], [entry('a', 'abcde')]));
    expect(read(0, 5)).toEqual(['abcde', 30 + 5]);
    expect(read(0, 5)).toEqual(['abcde', 5]);
    expect(read(1, 3)).toEqual(['bc', 2]);
  });

  test('checks all of it before the first part', () => {
    const read = counted(archive([local('a', 'abcde')], [entry('a', 'abcde')]));
    expect(read(0, 2)).toEqual(['ab', 30 + 5 + 2]);
    expect(read(3, 5)).toEqual(['de', 2]);
  });

  const deflated = Buffer.from(zipSync({ a: Buffer.from('a'.repeat(300)) }, { level: 6 }));
  const at = deflated.indexOf('PK\x01\x02', 0, 'latin1');
  const ofSize = (size: number) => {
    const changed = Buffer.from(deflated);
    changed.writeUInt32LE(size, at + 24);
    return () => texts(changed);
  };

  test('unpacks it once', () => {
    const read = counted(deflated);
    expect(read(0, 3)).toEqual(['aaa', 30 + deflated.readUInt32LE(at + 20)]);
    expect(read(297, 300)).toEqual(['aaa', 0]);
  });

  test('unpacks no more than the directory says, and at most 2^30 bytes', () => {
    expect(ofSize(10)).toThrow('larger than 10 bytes');
    expect(ofSize(2 ** 30)).toThrow('its member "a" has a wrong checksum');
    expect(ofSize(2 ** 30 + 1)).toThrow('its member "a" has 1073741825 bytes when unpacked');
  });
});
