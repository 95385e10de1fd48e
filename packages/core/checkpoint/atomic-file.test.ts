import { mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from '@jest/globals';
import { writeFileAtomic } from './atomic-file.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atomic-'));
  file = join(folder, 'state');
});

test('of two writers at once each writes a file of its own, and the last one wins', () => {
  writeFileAtomic(file, (outer) => {
    outer.append(Buffer.from('outer begins, '));
    writeFileAtomic(file, (inner) => inner.append(Buffer.from('inner')));
    expect(readFileSync(file, 'utf8')).toBe('inner');
    outer.append(Buffer.from('outer ends'));
  });
  expect(readFileSync(file, 'utf8')).toBe('outer begins, outer ends');
  expect(readdirSync(folder)).toEqual(['state']);
});

test('a writer that fails leaves the old file and nothing else', () => {
  writeFileAtomic(file, (unfinished) => unfinished.append(Buffer.from('old')));
  const failing = () => {
    throw new Error('the disk is full');
  };
  expect(() => writeFileAtomic(file, failing)).toThrow('the disk is full');
  expect(readFileSync(file, 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['state']);
});

test('an error of the file system names the file', () => {
  const full = () => {
    throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }); // as of a descriptor: without its path
  };
  expect(() => writeFileAtomic(file, full)).toThrow(expect.objectContaining({ code: 'ENOSPC', path: file }));
});

test('what a killed writer left is removed once nobody writes to it any more', () => {
  for (const name of ['state.0123456789ab.part', 'state.ba9876543210.part', 'other.0123456789ab.part']) {
    writeFileSync(join(folder, name), 'half');
  }
  utimesSync(join(folder, 'state.0123456789ab.part'), 0, 0);
  utimesSync(join(folder, 'other.0123456789ab.part'), 0, 0);
  writeFileAtomic(file, (unfinished) => unfinished.append(Buffer.from('whole')));
  expect(readdirSync(folder).sort()).toEqual(['other.0123456789ab.part', 'state', 'state.ba9876543210.part']);
});

test('an old file that is kept has another name from then on, instead of the file that had it before', () => {
  const previous = join(folder, 'previous');
  const write = (text: string) => writeFileAtomic(file, (unfinished) => unfinished.append(Buffer.from(text)), previous);
  write('first');
  expect(readdirSync(folder)).toEqual(['state']);
  write('second');
  write('third');
  expect(readdirSync(folder).sort()).toEqual(['previous', 'state']);
  expect([readFileSync(previous, 'utf8'), readFileSync(file, 'utf8')]).toEqual(['second', 'third']);
});

test('bytes are appended one after the other, and may be replaced', () => {
  writeFileAtomic(file, (unfinished) => {
    unfinished.append(Buffer.from('abc'));
    unfinished.append(Buffer.from('def'));
    unfinished.overwrite(Buffer.from('XY'), 1);
    unfinished.append(Buffer.from('g'));
  });
  expect(readFileSync(file, 'utf8')).toBe('aXYdefg');
});
