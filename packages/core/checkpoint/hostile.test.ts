import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { UserError } from '../errors/user-error.ts';
import { HOSTILE, writeHostile } from './testing/hostile-files.ts';
import { readWeights } from './weights.ts';

const folder = mkdtempSync(join(tmpdir(), 'hostile-'));

/** What reading throws. Reading some of these files takes a second, so it is done once. */
function thrownBy(read: () => unknown): unknown {
  try {
    read();
  } catch (error) {
    return error;
  }
  return undefined;
}

test.each(Object.keys(HOSTILE))('a hostile file with %s is an error that names it and its fault', (name) => {
  const file = writeHostile(folder, name);
  const error = thrownBy(() => [...readWeights(file).values()].map(({ values }) => values.length));
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).message).toContain(file);
  expect((error as UserError).message).toMatch(HOSTILE[name]![1]);
});
