import { expect, test } from '@jest/globals';
import { memoryBytes } from '../files/bytes.ts';
import { otherFile } from './other-files.ts';

/** A character per byte. */
const kindOf = (content: string) => otherFile(memoryBytes(Buffer.from(content, 'latin1')));

test.each([
  ['', 'is empty. Get it again'],
  ['version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n', 'not the file itself, which has 12 bytes.'],
  ['version https://git-lfs.github.com/spec/v1\n', 'is a Git LFS pointer, not the file itself. Run `git lfs pull`'],
  ['version https://git-lfs.github.com/spec/v1\next-0-size 7\nsize 12\n', 'the file itself, which has 12 bytes.'],
  ['version https://git-lfs.github.com/spec/v1\nsize 12 MB\n', 'not the file itself. Run'],
  ['<html><title> Log in </title>', 'is a web page ("Log in"), not the file'],
  ['\xef\xbb\xbf\n <!DOCTYPE HTML>', 'is a web page, not the file'],
  ['<head>', 'is a web page, not'],
  ['<?xml version="1.0"?>', 'is a web page, not'],
  ['<!-- a comment -->', 'is a web page, not'],
  ['<html><title> </title>', 'is a web page, not'],
  ['\x1f\x8b\x08', 'is a gzip archive. Unpack it'],
  ['7z\xbc\xaf\x27', 'is a 7-Zip archive. Unpack it'],
  ['Rar!\x1a', 'is a RAR archive. Unpack it'],
  [`${'x'.repeat(257)}ustar`, 'is a tar archive. Unpack it'],
  ['\x89HDF\r\n', 'is an HDF5 file (Keras). Checkpoints of PyTorch and safetensors files are read.'],
  ['GGUF\x03', 'is a GGUF file. Checkpoints'],
  ['\x93NUMPY\x01', 'is a NumPy array. Checkpoints'],
])('a file that begins with %j is recognised by its first bytes', (content, message) => {
  expect(kindOf(content)).toContain(message);
});

test.each([
  'PK\x03\x04',
  '\x80\x02}q\x00.',
  'xGGUF',
  'a <html>',
  `${'x'.repeat(258)}ustar`,
  'x\x1f\x8b',
  ' version https://git-lfs.',
])('one that begins with %j may be a checkpoint', (content) => {
  expect(kindOf(content)).toBeUndefined();
});
