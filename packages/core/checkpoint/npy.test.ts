import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { zipSync } from 'fflate';
import { UserError } from '../errors/user-error.ts';
import { parseNpy, readNpz } from './npy.ts';

interface ArrayFile {
  readonly file: string;
  readonly shape: readonly number[];
  /** Null where the type is not understood. */
  readonly values: readonly (number | boolean)[] | null;
}

/** Written by NumPy: testing/numpy-files.py. */
const { arrays, archives } = JSON.parse(
  readFileSync(new URL('testing/numpy-files.json', import.meta.url), 'utf8'),
) as Record<'arrays', Record<string, ArrayFile>> & Record<'archives', Record<string, string>>;

const bytesOf = (base64: string) => Uint8Array.from(Buffer.from(base64, 'base64'));

/** A file of its own. */
function written(content: Uint8Array): string {
  const file = join(mkdtempSync(join(tmpdir(), 'npy-')), 'arrays.npz');
  writeFileSync(file, content);
  return file;
}

describe('a numpy array', () => {
  test.each(Object.entries(arrays).filter(([, { values }]) => values))('of %s is read in C order', (_, array) => {
    const { shape, values } = parseNpy(bytesOf(array.file));
    expect([...shape]).toEqual(array.shape);
    expect([...values].map(Number)).toEqual(array.values!.map(Number));
  });

  test.each(Object.entries(arrays).filter(([, { values }]) => !values))('of %s is an error', (_, { file }) => {
    expect(() => parseNpy(bytesOf(file))).toThrow(/^an array has the unknown header \{'descr': .*\}$/);
  });

  test('without the first bytes of its format is an error', () => {
    const content = bytesOf(arrays['C order']!.file);
    content[0] = 0x92;
    expect(() => parseNpy(content)).toThrow('an array has no numpy header');
  });

  /** By version 1 of the format: two bytes of the length of the header, and the header, which is a Python dictionary. */
  const npy = (header: string, ...data: number[]) =>
    Buffer.concat([
      Buffer.from(`\x93NUMPY\x01\x00${String.fromCharCode(header.length)}\x00${header}`, 'latin1'),
      Buffer.from(data),
    ]);

  test('may have a header with more spaces, or none', () => {
    for (const header of [
      "{'descr':'|u1','fortran_order':True,'shape':(2,2)}",
      "{'descr':  '|u1', 'fortran_order':  True, 'shape':  (2, 2, )}",
    ]) {
      expect(parseNpy(npy(header, 1, 2, 3, 4))).toEqual({ shape: [2, 2], values: Uint8Array.of(1, 3, 2, 4) });
    }
  });

  test.each(["{'fortran_order': False, 'shape': (1,)}", "{'descr': '|u1', 'fortran_order': False}"])(
    'of the header %s is an error',
    (header) => {
      expect(() => parseNpy(npy(header, 1))).toThrow(`an array has the unknown header ${header}`);
    },
  );

  test('that is cut off, or longer than its shape, is an error', () => {
    const content = bytesOf(arrays['C order']!.file);
    expect(() => parseNpy(content.subarray(0, -8))).toThrow('an array is cut off');
    expect(() => parseNpy(Buffer.concat([content, new Uint8Array(8)]))).toThrow('an array is cut off');
  });
});

describe('an archive of numpy arrays', () => {
  test.each(Object.entries(archives))('that is %s has them by name', (_, archive) => {
    const found = readNpz(written(bytesOf(archive)));
    expect([...found].map(([name, { shape, values }]) => [name, shape, [...values].map(Number)])).toEqual([
      ['a', [2, 2], [1, 2, 3, 4]],
      ['b', [3], [0, 1, 2]],
    ]);
  });

  test('has their names without the last .npy', () => {
    const array = bytesOf(arrays['a scalar']!.file);
    expect([...readNpz(written(zipSync({ 'a.npy.b.npy': array, c: array }))).keys()]).toEqual(['a.npy.b', 'c']);
  });

  test('that is damaged is an error that names it', () => {
    const content = bytesOf(archives['stored']!);
    const file = written(content.subarray(0, -1));
    expect(() => readNpz(file)).toThrow(UserError);
    expect(() => readNpz(file)).toThrow(`${file} is not a numpy archive, or it is damaged`);
  });
});
