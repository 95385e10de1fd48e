import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, jest, test } from '@jest/globals';
import type { Image } from '../../images/image.ts';
import { DecodedFiles } from './decoded-files.ts';

/** Its pixels are the text whose CRC-32 is published as the check value of that sum: 0xcbf43926. */
const image: Image = { width: 3, height: 1, data: new Uint8Array(Buffer.from('123456789')) };
const read = jest.fn(() => Promise.resolve(image));

let folder: string;
let photograph: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'decoded-'));
  photograph = join(mkdtempSync(join(tmpdir(), 'photographs-')), 'a.jpg');
  writeFileSync(photograph, 'what read makes an image of');
  read.mockClear();
});

const get = () => new DecodedFiles(folder).get(photograph, undefined, read);
const kept = () => readdirSync(folder).map((name) => join(folder, name));

test('a kept image is DPI1, width, height, CRC-32 (little-endian), 16 bytes of its file, pixels', async () => {
  await get();
  const bytes = readFileSync(kept()[0]!);
  const header = [...Buffer.from('DPI1'), ...[3, 0, 0, 0], ...[1, 0, 0, 0], ...[0x26, 0x39, 0xf4, 0xcb]];
  expect([...bytes.subarray(0, 16)]).toEqual(header);
  expect(bytes.toString('latin1', 32)).toBe('123456789');
  expect(bytes).toHaveLength(32 + 9);
  expect(await get()).toEqual(image);
  expect(read).toHaveBeenCalledTimes(1);
});

const ruins: readonly [string, (bytes: Buffer) => Buffer][] = [
  ['has another format', (bytes) => Buffer.concat([Buffer.from('DPI2'), bytes.subarray(4)])],
  ['has another width', (bytes) => Buffer.concat([bytes.subarray(0, 4), Buffer.from([4]), bytes.subarray(5)])],
  [
    'is of another state of its file',
    (bytes) => Buffer.concat([bytes.subarray(0, 16), Buffer.alloc(16), bytes.subarray(32)]),
  ],
  ['ends in the header', (bytes) => bytes.subarray(0, 20)],
  ['is empty', () => Buffer.alloc(0)],
];

test.each(ruins)('one that %s is decoded again and replaced', async (_, ruin) => {
  await get();
  const [file] = kept();
  const whole = readFileSync(file!);
  writeFileSync(file!, ruin(whole));
  expect(await get()).toEqual(image);
  expect(read).toHaveBeenCalledTimes(2);
  expect(kept()).toEqual([file]);
  expect(readFileSync(file!)).toEqual(whole);
});
