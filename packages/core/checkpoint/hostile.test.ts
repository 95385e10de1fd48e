import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { UserError } from '../errors/user-error.ts';
import { HOSTILE, writeHostile } from './testing/hostile-files.ts';
import { readWeights } from './weights.ts';

const folder = mkdtempSync(join(tmpdir(), 'hostile-'));

test.each(Object.keys(HOSTILE))('a hostile file with %s is an error that names it and its fault', (name) => {
  const file = writeHostile(folder, name);
  const readAll = () => [...readWeights(file).values()].map(({ values }) => values.length);
  expect(readAll).toThrow(UserError);
  expect(readAll).toThrow(file);
  expect(readAll).toThrow(HOSTILE[name]![1]);
});
