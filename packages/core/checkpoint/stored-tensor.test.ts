import { describe, expect, test } from '@jest/globals';
import { isLengths, show, viewOf, type Storage } from './stored-tensor.ts';

/** A storage of zeros, whose content takes no memory. */
const zeros = (count: number): Storage => ({
  dtype: 'F32',
  count,
  isLittle: true,
  content: () => ({ size: 4 * count, fill: () => {} }),
});

describe('a view of a storage', () => {
  test('has a stride for each axis', () => {
    expect(() => viewOf(zeros(4), 0, [2], [1, 1])).toThrow('a tensor has the shape (2), strides (1, 1) and offset 0');
    expect(() => viewOf(zeros(4), 'a', [2], [1])).toThrow(
      'a tensor has the shape (2), strides (1) and offset (string)',
    );
  });

  // As torch.zeros(4).as_strided((0, 3), (0, 1), 4) in PyTorch.
  test('of no elements ends where it begins, whatever its strides', () => {
    expect(viewOf(zeros(4), 4, [0, 3], [0, 1]).values).toEqual(new Float32Array(0));
    expect(() => viewOf(zeros(4), 5, [0, 3], [0, 1])).toThrow('it ends at element 5 of 4');
  });

  test('repeats elements up to 2^24 times', () => {
    expect(viewOf(zeros(1), 0, [2 ** 24], [0]).shape).toEqual([2 ** 24]);
    expect(() => viewOf(zeros(1), 0, [2 ** 24 + 1], [0])).toThrow(
      'a tensor of shape (16777217) repeats the 1 elements of its storage',
    );
  });

  test('skips up to 2^24 elements, or three of four', () => {
    expect(viewOf(zeros(2 ** 25), 0, [2], [2 ** 24 - 1]).values).toEqual(new Float32Array(2));
    const view = viewOf(zeros(2 ** 25), 0, [2], [2 ** 24]);
    expect(() => view.values).toThrow('its 2 elements are scattered over 16777217');
    const content = () => {
      throw new Error('the content is asked for');
    };
    const most = viewOf({ ...zeros(2 ** 25), content }, 0, [2 ** 22 + 1], [4]);
    expect(() => most.values).toThrow('the content is asked for');
  });
});

test('lengths are integers from 0 on, of at most 64 axes', () => {
  for (const lengths of [[], [0], [7, 2 ** 53 - 1], Array(64).fill(1)]) expect(isLengths(lengths)).toBe(true);
  for (const other of [[-1], [0.5], [1, '2'], [2 ** 53], Array(65).fill(1), 3, undefined, new Map()]) {
    expect(isLengths(other)).toBe(false);
  }
});

test('lists of more than eight are shown in part, and what is no number by its type', () => {
  expect(show([1, 2, 3, 4, 5, 6, 7, 8])).toBe('(1, 2, 3, 4, 5, 6, 7, 8)');
  expect(show([1, 2, 3, 4, 5, 6, 7, 8, 9])).toBe('(1, 2, 3, 4, 5, 6, 7, 8, ...)');
  expect([show([]), show([[1], 'a', null]), show(5), show('5'), show(undefined)]).toEqual([
    ...['()', '((object), (string), (object))', '5', '(string)', '(undefined)'],
  ]);
});
