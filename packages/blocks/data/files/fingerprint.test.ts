import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { catalogue, type SpecWithOptions } from '@dualprior/core';
import '../celeba-hq.ts';
import '../ffhq.ts';
import '../image-folder.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fingerprint-'));
});

/** Writes a file that is called as an image is. */
function save(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

function fingerprintOf(spec: SpecWithOptions): string {
  return catalogue.find('dataset', spec.type)!.declaration.content!({ root, incomplete: true, split: 'all', ...spec });
}

describe('the fingerprint of an image-folder', () => {
  const folder = (options: object = {}) => fingerprintOf({ type: 'image-folder', ...options });

  beforeEach(() => {
    save('a.png', 'one');
    save('sub/b.jpg', 'three');
  });

  test('is the same wherever it lies, whenever it was made, and whatever else lies there', () => {
    const before = folder();
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    const elsewhere = join(mkdtempSync(join(tmpdir(), 'elsewhere-')), 'copy');
    cpSync(root, elsewhere, { recursive: true });
    save('notes.txt', 'no image');
    expect([folder(), folder({ root: elsewhere })]).toEqual([before, before]);
  });

  test.each<[string, () => void]>([
    ['edited', () => save('a.png', 'others')],
    ['edited to a file of the same size', () => save('a.png', 'two')],
    ['added', () => save('c.png', '')],
    ['removed', () => rmSync(join(root, 'a.png'))],
    ['renamed', () => renameSync(join(root, 'a.png'), join(root, 'c.png'))],
    ['a link to nothing', () => symlinkSync(join(root, 'nothing'), join(root, 'c.png'))],
  ])('is another one where an image is %s', (_, change) => {
    const before = folder();
    change();
    expect(folder()).not.toBe(before);
  });

  test('is of the images that a list names, in its order', () => {
    const listed = (text: string) => {
      const list = join(mkdtempSync(join(tmpdir(), 'list-')), 'list.txt');
      writeFileSync(list, text);
      return folder({ list });
    };
    const both = listed('a.png\nsub/b.jpg\n');
    expect(listed('# the same\na.png\nsub/b.jpg')).toBe(both);
    expect(new Set([both, listed('sub/b.jpg\na.png\n'), listed('a.png\n')]).size).toBe(3);
    const one = listed('a.png\n');
    save('sub/b.jpg', 'edited');
    expect(listed('a.png\n')).toBe(one);
  });

  test('of a folder that is missing is an error', () => {
    expect(() => folder({ root: join(root, 'none') })).toThrow(/The folder of images .*none does not exist/);
  });
});

test.each([
  ['ffhq', '00000/00007.png', 'img00000007.png', 'training', '65000.png'],
  ['celeba-hq', '7.jpg', 'sub/00007.jpg', 'training', '29999.jpg'],
])('that of %s is of the images of its split, by their numbers', (type, path, other, split, outside) => {
  save(path, 'seven');
  const before = fingerprintOf({ type, split });
  mkdirSync(dirname(join(root, other)), { recursive: true });
  renameSync(join(root, path), join(root, other));
  save(outside, 'of the other part');
  expect(fingerprintOf({ type, split })).toBe(before);
  expect(fingerprintOf({ type })).not.toBe(before);
});
