import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { describeComponents } from '@dualprior/core';
import './index.ts';

type Defaults = Record<string, Record<string, Record<string, unknown>>>;

/** Every default of the catalogue: by kind, type and option. */
function defaults(): Defaults {
  const all: Defaults = {};
  for (const { kind, type, options } of describeComponents()) {
    const own = options.flatMap((option) => ('default' in option ? [[option.name, option.default] as const] : []));
    if (own.length > 0) (all[kind] ??= {})[type] = Object.fromEntries(own);
  }
  return all;
}

test('each default is the one that is written down: with another one, the same file gives other results', () => {
  const written = JSON.parse(readFileSync(new URL('./defaults.json', import.meta.url), 'utf8')) as Defaults;
  expect(defaults()).toEqual(written);
});
