import { describe, expect, test } from '@jest/globals';
import { parseNpy } from './npy.ts';

/** A numpy file of float32 values in the order in which they are stored. */
function npy(shape: number[], isFortran: boolean, stored: number[]): Uint8Array {
  const order = isFortran ? 'True' : 'False';
  const lengths = shape.map((length) => `${length},`).join(' ');
  const header = `{'descr': '<f4', 'fortran_order': ${order}, 'shape': (${lengths}), }`.padEnd(117) + '\n';
  const prefix = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]);
  return Buffer.concat([prefix, Buffer.from(header), Buffer.from(Float32Array.from(stored).buffer)]);
}

describe('a numpy array', () => {
  test.each([
    ['C', [2, 3], false, [0, 1, 2, 3, 4, 5]],
    ['Fortran', [2, 3], true, [0, 3, 1, 4, 2, 5]],
    ['Fortran', [2, 1, 3], true, [0, 3, 1, 4, 2, 5]],
    ['Fortran', [6], true, [0, 1, 2, 3, 4, 5]],
  ])('in %s order of shape %j is read in C order', (_, shape, isFortran, stored) => {
    expect(parseNpy(npy(shape, isFortran, stored))).toEqual({ shape, values: Float32Array.of(0, 1, 2, 3, 4, 5) });
  });

  test('that is cut off is an error', () => {
    expect(() => parseNpy(npy([2, 3], true, [0, 3]))).toThrow(/cut off/);
  });
});
