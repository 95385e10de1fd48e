import { expect, test } from '@jest/globals';
import { countSubjects, describeImages } from './test-images.ts';

const data = (...names: string[]) => ({ length: names.length, name: (i: number) => names[i]! });

test('an image that is degraded several times is one', () => {
  const thrice = data('a.png', 'b.png', 'a.png~2', 'b.png~2', 'a.png~3', 'b.png~3');
  expect(countSubjects(thrice)).toBe(2);
  expect(describeImages(thrice)).toBe('6 images (2, degraded several times)');
  expect(describeImages(data('a.png', 'b.png'))).toBe('2 images');
});
