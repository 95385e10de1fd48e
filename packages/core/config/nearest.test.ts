import { describe, expect, test } from '@jest/globals';
import { didYouMean, nearest } from './nearest.ts';

describe('the nearest name', () => {
  test.each([
    ['one of three letters', 'abx', 'abc'],
    ['two of six', 'abxxef', 'abcdef'],
    ['two missing of seven: the longer name counts', 'abcde', 'abcdefg'],
    ['two too many of seven', 'abcdefg', 'abcde'],
    ['two neighbours that changed places are one letter', 'abdc', 'abcd'],
    ['case and separators are none', 'Learning_rate', 'learning-rate'],
  ])('is one of which a third differs: %s', (_, name, candidate) => {
    expect(nearest(name, ['zzzzzzzz', candidate])).toBe(candidate);
  });

  test.each([
    ['one of two letters', 'ax', 'ab'],
    ['three of six', 'abcxxx', 'abcdef'],
    ['two of five', 'abcxx', 'abcde'],
    ['letters that changed places twice, of five', 'badce', 'abcde'],
  ])('is none of which more differs: %s', (_, name, candidate) => {
    expect(nearest(name, [candidate])).toBeUndefined();
    expect(didYouMean(name, [candidate])).toBeUndefined();
  });

  test('is the one with the fewest typos, wherever it stands; of equal ones the first', () => {
    expect(nearest('abcdef', ['abcdxx', 'abcdex', 'abxxef'])).toBe('abcdex');
    expect(nearest('abcdef', ['abcdxx', 'abxxef'])).toBe('abcdxx');
    expect(nearest('abcdef', ['abxxef', 'abcdxx'])).toBe('abxxef');
    expect(didYouMean('abcdef', ['abcdxx', 'abcdef'])).toBe('did you mean "abcdef"?');
  });

  test('is the one that the name abbreviates, where none is spelt nearly so', () => {
    expect(nearest('lr', ['weight', 'learningRate'])).toBe('learningRate');
    expect(nearest('lr', ['ls', 'learning-rate'])).toBe('learning-rate');
    expect(nearest('w', ['weight'])).toBeUndefined();
  });

  test('is asked for names of at most 64 letters', () => {
    expect(nearest('x'.repeat(64), ['x'.repeat(63)])).toBe('x'.repeat(63));
    expect(nearest('x'.repeat(65), ['x'.repeat(64)])).toBeUndefined();
  });
});
