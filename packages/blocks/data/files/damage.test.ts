import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { damageOf } from './damage.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'damage-'));
  mkdirSync(join(root, 'folder'));
  writeFileSync(join(root, 'file'), 'text');
  symlinkSync('circle', join(root, 'circle'));
});

test.each([
  ['nothing', 'it is not there any more'],
  ['file/a.png', 'it is not there any more'],
  ['folder', 'it is a folder'],
  ['circle', 'it is a link in a circle'],
  ['file', 'it cannot be decoded (not an image of a format that can be read)'],
])('%s: %s', (name, reason) => {
  expect(damageOf(join(root, name), new Error('bad seek'))).toBe(reason);
});

test.each([
  ['', 'it is empty'],
  ['\0\0\0', 'it holds nothing but zero bytes'],
  ['version https://git-lfs.github.com/spec/v1', 'it is a pointer of Git LFS; `git lfs pull` fetches the image'],
  ['<!DOCTYPE html><html>', 'it is a web page'],
  ['<HTML>', 'it is a web page'],
  ['BM6', 'it is a BMP image, which cannot be read; convert it to PNG'],
  ['\0\0\0\x18ftypheic', 'it is a HEIC image, which cannot be read; convert it to PNG'],
  ['\0\0\0\x18ftypmif1', 'it is a HEIC image, which cannot be read; convert it to PNG'],
  ['\xff\n', 'it is a JPEG XL image, which cannot be read; convert it to PNG'],
  ['\0\0\0\fJXL \r\n', 'it is a JPEG XL image, which cannot be read; convert it to PNG'],
  ['\0\x05\x16\x07\0', 'it is an AppleDouble file, which macOS leaves beside an image'],
  ['\xff\xd8\xff\xe0', 'it cannot be decoded (damaged or cut off)'],
  ['\x89PNG\r\n\x1a\n', 'it cannot be decoded (damaged or cut off)'],
  ['GIF89a', 'it cannot be decoded (damaged or cut off)'],
  ['II*\0', 'it cannot be decoded (damaged or cut off)'],
  ['MM\0*', 'it cannot be decoded (damaged or cut off)'],
  ['RIFF\x01\x02\x03\x04WEBPVP8 ', 'it cannot be decoded (damaged or cut off)'],
  ['\0\0\0\x1cftypavif', 'it cannot be decoded (damaged or cut off)'],
  ['text, then RIFF....WEBP', 'it cannot be decoded (not an image of a format that can be read)'],
])('a file that begins with %j: %s', (beginning, reason) => {
  const file = join(root, 'a.png');
  writeFileSync(file, Buffer.from(beginning, 'latin1'));
  expect(damageOf(file, new Error('bad seek'))).toBe(reason);
});

test('an image with too many pixels', () => {
  const error = new Error('Input image exceeds pixel limit');
  expect(damageOf(join(root, 'file'), error)).toBe('it has more pixels than can be decoded (16,383 x 16,383)');
});
