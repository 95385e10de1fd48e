import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { artifactPath, cutText, imageKey, LIMITS, mlflowKey } from './names.ts';

const text = fc.string({ unit: 'binary', maxLength: 400 });

describe('mlflowKey', () => {
  test('gives a name that MLflow accepts', () => {
    fc.assert(
      fc.property(text, (name) => {
        const key = mlflowKey(name);
        expect(key).toMatch(/^[/\p{L}\p{N}_.\- ]{1,250}$/u);
        expect(key.split('/')).not.toContain('');
        expect(key.split('/')).not.toContain('..');
        expect(key.split('/')).not.toContain('.');
      }),
    );
  });

  test('leaves good names alone and keeps long names apart', () => {
    expect(mlflowKey('validation/psnr_y')).toBe('validation/psnr_y');
    expect(mlflowKey('stages.größe')).toBe('stages.größe');
    expect(mlflowKey('a:b+c')).toBe('a_b_c');
    expect(mlflowKey('../../etc')).toBe('__/__/etc');
    expect(mlflowKey(`${'x'.repeat(300)}1`)).not.toBe(mlflowKey(`${'x'.repeat(300)}2`));
    expect(mlflowKey('x'.repeat(300))).toHaveLength(250);
  });
});

test('imageKey holds neither / nor +', () => {
  fc.assert(fc.property(text, (name) => expect(imageKey(name)).toMatch(/^[A-Za-z0-9_\-. ]{1,100}$/)));
});

test('artifactPath stays below its root', () => {
  expect(artifactPath('/a//../b\\c.txt')).toBe('a/b/c.txt');
  expect(artifactPath('..')).toBe('_');
});

test('cutText stays within the limit, says so, and tears no character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 0, maxLength: 300 }), (value) => {
      const cut = cutText(value, 120);
      expect(cut.length).toBeLessThanOrEqual(120);
      expect(cut).not.toMatch(/[\ud800-\udfff]/u);
      expect(value.length <= 120 ? cut === value : cut.includes('cut')).toBe(true);
    }),
  );
  expect(cutText('x'.repeat(LIMITS.param + 1), LIMITS.param)).toHaveLength(LIMITS.param);
});
