import { expect, test } from '@jest/globals';
import { UserError, type Experiment, type Sweep } from '@dualprior/core';
import { checkVariants } from './check-variants.ts';

/** Variants with two seeds each. */
function sweep(...names: string[]): Sweep {
  const variants = names.flatMap((name) =>
    [3, 4].map((seed) => ({ name, changes: {}, experiment: { name, seed } as Experiment })),
  );
  return { base: variants[0]!.experiment, variants, seeds: [3, 4], shared: [] };
}

const silent = { info: () => {}, warn: () => {} };

function problems(all: Sweep, mistakes: Readonly<Record<string, string>>): string | undefined {
  const looked: number[] = [];
  try {
    checkVariants(all, silent, ({ name, seed }) => {
      looked.push(seed);
      if (mistakes[name] !== undefined) throw new UserError(mistakes[name]);
    });
  } catch (error) {
    return (error as UserError).message;
  } finally {
    expect(new Set(looked)).toEqual(new Set([3])); // what is checked is the same for all seeds
  }
  return undefined;
}

test('all variants are checked, and all that is wrong is reported, with the variants that have it', () => {
  expect(problems(sweep('', 'a', 'b'), {})).toBeUndefined();
  expect(problems(sweep('', 'a', 'b', 'c'), { a: 'too wide', b: 'too deep', c: 'too wide' })).toBe(
    'In "a", "c":\ntoo wide\n\nIn "b":\ntoo deep',
  );
});

test('what the experiment itself has wrong is no mistake of its variants', () => {
  expect(problems(sweep('', 'a'), { '': 'no folder', a: 'no folder' })).toBe('no folder');
});

test('other errors are thrown as they are', () => {
  expect(() =>
    checkVariants(sweep(''), silent, () => {
      throw new TypeError('a mistake of the program');
    }),
  ).toThrow(TypeError);
});

test('a line that several variants log is shown once', () => {
  const lines: string[] = [];
  const log = { ...silent, info: (line: string) => void lines.push(line) };
  checkVariants(sweep('', 'a', 'b'), log, ({ name }, own) => {
    own.info('the network begins with a file');
    if (name !== '') own.info(`only in ${name}`);
  });
  expect(lines).toEqual(['the network begins with a file', 'only in a', 'only in b']);
});
