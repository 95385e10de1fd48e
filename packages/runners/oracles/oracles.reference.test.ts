import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { loadEngine } from '@dualprior/core';
import '../index.ts';
import './testing/toy-identity.ts';
import './testing/toy-trunk.ts';
import { capture, type Numbers } from './testing/capture.ts';
import { differences } from './testing/differences.ts';

jest.setTimeout(120_000);

/** Each has one stage; `-` tells its variants apart. */
const CASES = [
  'regression-nafnet',
  'regression-hinet',
  'fusion',
  'fusion-batch-norm',
  'fusion-cut-maps',
  'fusion-to-prediction',
  'gan-inversion',
  'gan-inversion-slowed',
  'gan-inversion-augmented',
  'gan',
  'gan-lazy',
  'gan-plain',
  'gfpgan',
  'gfpgan-components',
  'gfpgan-augmented',
  'gpen',
  'gpen-added',
  'gpen-paper',
];

beforeAll(() => void loadEngine());

const numbersOf = (name: string): Numbers =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'numbers', `${name}.json`), 'utf8')) as Numbers;

describe('the stages compute what plain PyTorch computes, written from the papers and the official code', () => {
  test.each(CASES)('%s', async (name) => {
    const found = await capture(join(import.meta.dirname, 'cases', `${name}.json`));
    expect(differences(found, numbersOf(name))).toEqual([]);
  });
});
