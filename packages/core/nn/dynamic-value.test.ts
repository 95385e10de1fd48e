import { expect, test } from '@jest/globals';
import { DynamicValue } from './dynamic-value.ts';

test('a value holds inside, and the one before again outside, also after an error', () => {
  const value = new DynamicValue('outside');
  const seen = value.during('outer', () => {
    const inner = value.during('inner', () => value.current);
    const failing = () =>
      value.during('failing', () => {
        throw new Error(value.current);
      });
    expect(failing).toThrow('failing');
    return [inner, value.current];
  });
  expect(seen).toEqual(['inner', 'outer']);
  expect(value.current).toBe('outside');
});
