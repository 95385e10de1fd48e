import { describe, expect, test } from '@jest/globals';
import { memoryBytes } from '../files/bytes.ts';
import { numpyTensor } from './numpy.ts';
import { PickledObject } from './pickle-objects.ts';
import { byte, call, named, pickle, text, tuple } from './testing/pickles.ts';
import { readTorchFile } from './torch-file.ts';

const read = (content: string) => readTorchFile('x', memoryBytes(pickle(content)));
const bytes = (...values: number[]) => `C${String.fromCharCode(values.length, ...values)}`;
/** Bytes as Python 2 writes them. */
const old = (...values: number[]) => `U${String.fromCharCode(values.length, ...values)}`;
const dtype = (code: string, order = '<') =>
  `${call('numpy.dtype', text(code), '\x89', '\x88')}${tuple(byte(3), text(order))}b`;
const scalar = (type: string, content: string) => call('numpy._core.multiarray.scalar', type, content);

describe('a NumPy number', () => {
  // By IEEE 754 and two's complement.
  test.each<[string, number[], number]>([
    ['f8', [0, 0, 0, 0, 0, 0, 0xf8, 0x3f], 1.5],
    ['f4', [0, 0, 0xc0, 0x3f], 1.5],
    ['f2', [0x00, 0x3e], 1.5],
    ['i8', [0xfe, 255, 255, 255, 255, 255, 255, 255], -2],
    ['i4', [0xfe, 255, 255, 255], -2],
    ['i2', [0xfe, 255], -2],
    ['i1', [0xfe], -2],
    ['u8', [1, 2, 0, 0, 0, 0, 0, 0x80], 2 ** 63],
    ['u4', [0, 0, 0, 0x80], 2 ** 31],
    ['u2', [0, 0x80], 2 ** 15],
    ['u1', [0xfe], 254],
    ['b1', [1], 1],
  ])('of type %s is one', (code, content, value) => {
    expect(read(scalar(dtype(code), bytes(...content)))).toBe(value);
    expect(read(scalar(dtype(code), old(...content)))).toBe(value);
    expect(read(scalar(dtype(code, '>'), bytes(...content.reverse())))).toBe(value);
  });

  test.each([
    ['another length', scalar(dtype('i2'), bytes(1, 2, 3))],
    ['another length, of Python 2', scalar(dtype('i2'), old(1))],
    ['a number for its bytes', scalar(dtype('i2'), byte(1))],
    ['a type that is none', scalar(text('i2'), bytes(1, 2))],
    ['a type of another class', scalar(call('my.dtype', text('i2')), bytes(1, 2))],
    ['an unknown type', scalar(dtype('V2'), bytes(1, 2))],
    ['another function', call('numpy._core.multiarray.other', dtype('i2'), bytes(1, 2))],
  ])('with %s is kept as an object', (_, content) => {
    expect(read(content)).toBeInstanceOf(PickledObject);
  });
});

describe('a NumPy array', () => {
  const buffer = (content: string, type: string, shape: string, order = 'C') =>
    numpyTensor(read(call('numpy._core.numeric._frombuffer', content, type, shape, text(order))) as PickledObject);
  const square = tuple(byte(2), byte(2));

  test('is a tensor in C order', () => {
    expect([...buffer(bytes(1, 2, 3, 4), dtype('u1'), square)!.values]).toEqual([1, 2, 3, 4]);
    expect([...buffer(bytes(1, 2, 3, 4), dtype('u1'), square, 'F')!.values]).toEqual([1, 3, 2, 4]);
    expect([...buffer(old(1, 2, 3, 0xe9), dtype('u1'), square)!.values]).toEqual([1, 2, 3, 0xe9]);
  });

  test.each([square, tuple(byte(3), byte(1)), tuple(text('3')), 'N'])(
    'of another shape than its bytes is an error',
    (shape) => {
      expect(() => buffer(bytes(1, 2), dtype('u1'), shape)).toThrow(
        'a NumPy array is of another size than its content',
      );
    },
  );

  test('of no bytes or an unknown type is none, nor is another object', () => {
    expect(buffer(byte(1), dtype('u1'), tuple())).toBeUndefined();
    expect(buffer(bytes(1, 2), dtype('V2'), tuple(byte(1)))).toBeUndefined();
    expect(numpyTensor(new PickledObject('m.C', ['u1']))).toBeUndefined();
    expect(
      numpyTensor(read(call('numpy._core.multiarray._reconstruct', named('numpy.ndarray'))) as PickledObject),
    ).toBeUndefined();
  });
});
