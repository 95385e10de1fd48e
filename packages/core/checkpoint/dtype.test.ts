import { describe, expect, test } from '@jest/globals';
import { memoryBytes } from '../files/bytes.ts';
import { byteSize, isDType, readFloats, readNumber, type DType } from './dtype.ts';

const bytes = (...values: number[]) => memoryBytes(Uint8Array.from(values));

describe('elements', () => {
  // Each of two values, little-endian, by the definitions of IEEE 754 and of two's complement.
  test.each<[DType, number, number[], number[]]>([
    ['F64', 8, [0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0], [1.5, -2]],
    ['F32', 4, [0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0], [1.5, -2]],
    ['F16', 2, [0x00, 0x3e, 0x00, 0xc0], [1.5, -2]],
    ['BF16', 2, [0xc0, 0x3f, 0x00, 0xc0], [1.5, -2]],
    ['F8_E5M2', 1, [0x3e, 0xc0], [1.5, -2]],
    ['F8_E4M3', 1, [0x3c, 0xc0], [1.5, -2]],
    ['I64', 8, [1, 2, 0, 0, 0, 0, 0, 0, 0xfe, 255, 255, 255, 255, 255, 255, 255], [513, -2]],
    ['I32', 4, [1, 2, 0, 0, 0xfe, 255, 255, 255], [513, -2]],
    ['I16', 2, [1, 2, 0xfe, 255], [513, -2]],
    ['I8', 1, [1, 0xfe], [1, -2]],
    ['U64', 8, [1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80], [513, 2 ** 63]],
    ['U32', 4, [1, 2, 0, 0, 0, 0, 0, 0x80], [513, 2 ** 31]],
    ['U16', 2, [1, 2, 0, 0x80], [513, 2 ** 15]],
    ['U8', 1, [1, 0x80], [1, 128]],
    ['BOOL', 1, [1, 0], [1, 0]],
  ])('of type %s have %d bytes, in either order', (dtype, size, content, [first, second]) => {
    expect(isDType(dtype)).toBe(true);
    expect(byteSize(dtype)).toBe(size);
    const big = content.map((_, i) => content[i - (i % size) + size - 1 - (i % size)]!);
    expect([...readFloats(bytes(...content), dtype, 0, 2)]).toEqual([first, second]);
    expect([...readFloats(bytes(...big), dtype, 0, 2, false)]).toEqual([first, second]);
    expect([...readFloats(bytes(...content), dtype, 1, 1)]).toEqual([second]);
    expect([...readFloats(bytes(...big), dtype, 1, 1, false)]).toEqual([second]);
    expect(readNumber(bytes(...content), dtype)).toBe(first);
    expect(readNumber(bytes(...big), dtype, false)).toBe(first);
    for (const [begin, count] of [
      [0, 3],
      [1, 2],
      [2, 1],
    ] as const) {
      expect(() => readFloats(bytes(...content), dtype, begin, count)).toThrow('its storage is cut off');
    }
  });

  test('of other types are not known', () => {
    for (const name of ['F4', 'f32', '', 'toString', 32, undefined, ['F32']]) expect(isDType(name)).toBe(false);
  });

  test('of half precision may be subnormal, infinite or no number', () => {
    const content = [0x01, 0x00, 0xff, 0x83, 0xff, 0x7b, 0x00, 0x7c, 0x00, 0xfc, 0x01, 0x7e, 0x00, 0x80];
    const values = [2 ** -24, -1023 * 2 ** -24, 65504, Infinity, -Infinity, NaN, -0];
    expect([...readFloats(bytes(...content), 'F16', 0, 7)]).toEqual(values);
  });

  test('of eight bits are those of arXiv 2209.05433, table 1', () => {
    const e4m3 = [0x01, 0x07, 0x08, 0x7e, 0xfe, 0x7f, 0xff, 0x00, 0x80];
    const smallest = 2 ** -9;
    const ofE4m3 = [smallest, 7 * smallest, 2 ** -6, 448, -448, NaN, NaN, 0, -0];
    expect([...readFloats(bytes(...e4m3), 'F8_E4M3', 0, 9)]).toEqual(ofE4m3);
    const e5m2 = [0x01, 0x03, 0x04, 0x7b, 0x7c, 0xfc, 0x7d, 0xff];
    const ofE5m2 = [2 ** -16, 3 * 2 ** -16, 2 ** -14, 57344, Infinity, -Infinity, NaN, NaN];
    expect([...readFloats(bytes(...e5m2), 'F8_E5M2', 0, 8)]).toEqual(ofE5m2);
  });

  test('of four bytes keep their bits, which are those of a signalling NaN too', () => {
    const bits = [0x01, 0x00, 0x80, 0x7f, 0x00, 0x00, 0x80, 0x3f];
    expect([...new Uint8Array(readFloats(bytes(...bits), 'F32', 0, 2).buffer)]).toEqual(bits);
  });

  test('that are more than a chunk are all read', () => {
    const count = 2 ** 21 + 1;
    const values = readFloats(memoryBytes(Uint8Array.from({ length: count }, (_, i) => i % 251)), 'U8', 0, count);
    for (const i of [0, 2 ** 20 - 1, 2 ** 20, 2 ** 21 - 1, 2 ** 21]) expect(values[i]).toBe(i % 251);
  });
});
