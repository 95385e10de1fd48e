import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { DamagedFileError } from '@dualprior/core';
import { readPerImage } from './per-image.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'per-image-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

test('columns of both tables, by the names of the images', () => {
  write('metrics.csv', 'image,psnr,ssim\na.png,20.25,0.5\n"b,c.png",Infinity,NaN\n');
  write('contributions.csv', 'image,fid\na.png,-1\n"b,c.png",2e-3\n');
  const { names, columns } = readPerImage(folder);
  expect(names).toEqual(['a.png', 'b,c.png']);
  expect([...columns]).toEqual([
    ['psnr', [20.25, Infinity]],
    ['ssim', [0.5, NaN]],
    ['fid', [-1, 0.002]],
  ]);
});

test('a table of no set needs no contributions', () => {
  write('metrics.csv', 'image,psnr\na.png,20\n');
  expect([...readPerImage(folder).columns.keys()]).toEqual(['psnr']);
});

test.each([
  ['a value that is missing', 'image,psnr\na.png,\n', /metrics\.csv is damaged: "" is no number\.$/],
  ['a value of spaces', 'image,psnr\na.png," "\n', /" " is no number/],
  ['a value that is a word', 'image,psnr\na.png,x\n', /"x" is no number/],
  ['a row that is short', 'image,psnr,ssim\na.png,1\n', /metrics\.csv is damaged/],
  ['no end of a line', 'image,psnr\na.png,1', /metrics\.csv is damaged: it is cut off\.$/],
  ['no line', '', /it is cut off/],
])('%s is damage', (_, text, message) => {
  write('metrics.csv', text);
  expect(() => readPerImage(folder)).toThrow(DamagedFileError);
  expect(() => readPerImage(folder)).toThrow(message);
});

test.each([
  ['fewer images', 'a.png,1\n'],
  ['more images', 'a.png,1\nb.png,2\nc.png,3\n'],
  ['other images', 'a.png,1\nc.png,2\n'],
  ['another order', 'b.png,1\na.png,2\n'],
])('contributions of %s are damage', (_, rows) => {
  write('metrics.csv', 'image,psnr\na.png,20\nb.png,21\n');
  write('contributions.csv', `image,fid\n${rows}`);
  expect(() => readPerImage(folder)).toThrow(/contributions\.csv is damaged: its images are not those of metrics\.csv/);
});

test('a table that is missing is damage', () => {
  expect(() => readPerImage(folder)).toThrow(DamagedFileError);
});
